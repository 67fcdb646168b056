//! Searches shared out among ranks: each does some runs of trials.

use astro_core::{Communicator, EventSource, GoodTimeIntervals, share_out};

use super::collect::Found;
use super::{SearchPlan, SearchResult};
use crate::error::Result;
use crate::pulsation::FoldWarning;
use crate::spectrum::ranks::{decode, encode, intervals_of};

impl SearchPlan {
    /// As [`SearchPlan::search_source`], the trials shared out among ranks, which each read all
    /// events of the same source in the good time of rank 0: rank 0 has the result, with the same
    /// bits, others nothing.
    ///
    /// What is shared out are runs of 128 frequencies, or, where sums are made by the non-uniform
    /// FFT, whole derivatives.
    ///
    /// # Errors
    /// As [`SearchPlan::search_source`]; [`crate::Error::Communication`] where a rank is lost.
    pub fn search_on<S: EventSource>(
        &self,
        ranks: &dyn Communicator,
        source: &S,
    ) -> Result<Option<SearchResult>> {
        self.check()?;
        let mut good_time = encode(ranks, &intervals_of(source.gti()))?;
        ranks.broadcast(&mut good_time)?;
        let gti = GoodTimeIntervals::new(decode::<Vec<[f64; 2]>>(ranks, &good_time)?)?;
        let runs = vec![1; self.runs().len()];
        let share = share_out(&runs, ranks.size())[ranks.rank()].clone();
        let own = match share.is_empty() {
            true => Found::default(),
            false => self.visit(&self.summation()?, source, &gti, Some(share))?,
        };
        let mut all = Found::default();
        let mut outcome = Ok(());
        ranks.gather(encode(ranks, &own)?, &mut |bytes| {
            match decode::<Found>(ranks, &bytes) {
                // Whoever had trials has seen all events.
                Ok(found) if !found.statistic.is_empty() => {
                    let before = std::mem::take(&mut all.statistic);
                    all = found;
                    all.statistic.splice(0..0, before);
                }
                Ok(_) => {}
                Err(error) => outcome = Err(error),
            }
        })?;
        outcome?;
        if ranks.rank() > 0 {
            return Ok(None);
        }
        let mut result = SearchResult::new(self, all)?;
        result.warnings = FoldWarning::of(source.reference());
        Ok(Some(result))
    }
}
