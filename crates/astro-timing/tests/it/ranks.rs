//! Many ranks give the bits of one: threads that can only talk to each other stand for them.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use astro_core::{CommunicationError, Communicator, GoodTimeIntervals, NoProgress, SingleProcess};
use astro_timing::pulsation::{PulseStatistic, SearchGrid, SearchPlan, SumMethod};
use astro_timing::{
    CrossSpectrumPlan, EnergyBand, EnergySpectraPlan, Error, EventList, PowerSpectrumPlan,
};

use super::support::{constant, red_noise};

/// A rank that is a thread.
struct Thread {
    rank: usize,
    size: usize,
    from_root: Mutex<Receiver<Vec<u8>>>,
    to_root: Sender<Vec<u8>>,
    /// Of rank 0: the ends of the others' channels.
    others: Vec<Ends>,
}

/// What goes to another rank, and what comes from it.
type Ends = (Sender<Vec<u8>>, Mutex<Receiver<Vec<u8>>>);

impl Thread {
    fn lost(&self, operation: &'static str) -> CommunicationError {
        CommunicationError {
            rank: self.rank,
            operation,
            source: "a rank has ended".into(),
        }
    }
}

impl Communicator for Thread {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn broadcast(&self, bytes: &mut Vec<u8>) -> Result<(), CommunicationError> {
        let lost = || self.lost("broadcast");
        if self.rank > 0 {
            let received = self.from_root.lock().unwrap().recv();
            *bytes = received.map_err(|_| lost())?;
            return Ok(());
        }
        for (sender, _) in &self.others {
            sender.send(bytes.clone()).map_err(|_| lost())?;
        }
        Ok(())
    }

    fn gather(
        &self,
        bytes: Vec<u8>,
        receive: &mut dyn FnMut(Vec<u8>),
    ) -> Result<(), CommunicationError> {
        let lost = || self.lost("gather");
        if self.rank > 0 {
            return self.to_root.send(bytes).map_err(|_| lost());
        }
        receive(bytes);
        for (_, receiver) in &self.others {
            receive(receiver.lock().unwrap().recv().map_err(|_| lost())?);
        }
        Ok(())
    }

    fn abort(&self, _: i32) {}
}

/// What `run` returns on each of `size` ranks.
fn on_ranks<R: Send>(size: usize, run: impl Fn(&Thread) -> R + Sync) -> Vec<R> {
    let mut threads = Vec::new();
    let mut others = Vec::new();
    for rank in (0..size).rev() {
        let (to_other, from_root) = channel();
        let (to_root, from_other) = channel();
        let mut thread = Thread {
            rank,
            size,
            from_root: Mutex::new(from_root),
            to_root,
            others: Vec::new(),
        };
        if rank > 0 {
            others.insert(0, (to_other, Mutex::new(from_other)));
        } else {
            thread.others = std::mem::take(&mut others);
        }
        threads.insert(0, thread);
    }
    let run = &run;
    std::thread::scope(|scope| {
        // A rank takes its channels with it when it ends.
        let running: Vec<_> = threads
            .into_iter()
            .map(|thread| scope.spawn(move || run(&thread)))
            .collect();
        running.into_iter().map(|r| r.join().unwrap()).collect()
    })
}

/// Asserts that rank 0 of any number of ranks, more than there is work for too, has `whole`.
fn same_everywhere<R: PartialEq + std::fmt::Debug + Send>(
    whole: &R,
    run: impl Fn(&dyn Communicator) -> Result<Option<R>, Error> + Sync,
) {
    assert_eq!(run(&SingleProcess).unwrap().as_ref(), Some(whole));
    for size in [1, 2, 3, 7, 40] {
        let results = on_ranks(size, |rank| run(rank).unwrap());
        assert_eq!(results[0].as_ref(), Some(whole), "{size} ranks");
        assert!(results[1..].iter().all(Option::is_none));
    }
}

fn events(seed: u64) -> EventList {
    let good = GoodTimeIntervals::new([[0.0, 203.0], [230.0, 237.5], [300.5, 800.0]]).unwrap();
    constant(40.0, &good, seed)
}

#[test]
fn power_and_cross_spectra_have_the_bits_of_one_process() {
    let (subject, reference) = (events(1), events(2));
    let plan = PowerSpectrumPlan::<f64>::new(2.0, 2e-4).unwrap();
    let whole = plan.execute(&subject).unwrap();
    same_everywhere(&whole, |rank| plan.execute_on(rank, &subject, &NoProgress));

    let plan = CrossSpectrumPlan::<f32>::new(2.0, 1e-3).unwrap();
    let whole = plan.execute(&subject, &reference).unwrap();
    same_everywhere(&whole, |rank| {
        plan.execute_on(rank, &subject, &reference, &NoProgress)
    });

    let energies = (0..subject.len()).map(|i| (i % 7) as f32).collect();
    let source = subject.with_energies(energies).unwrap();
    let [soft, hard] = [(0.0, 3.0), (3.0, 8.0)].map(|(a, b)| EnergyBand::new(a, b).unwrap());
    let whole = plan
        .execute_bands(&source, hard, soft, &NoProgress)
        .unwrap();
    same_everywhere(&whole, |rank| {
        plan.execute_bands_on(rank, &source, hard, soft, &NoProgress)
    });

    let bands = EnergyBand::between(&[0.0, 2.0, 4.0, 8.0]).unwrap();
    let plan = EnergySpectraPlan::<f64>::new(4.0, 1e-3, bands, [1.0, 30.0]).unwrap();
    let products = |spectra: astro_timing::EnergySpectra| (spectra.lags(), spectra.counts());
    let whole = products(plan.execute(&source).unwrap());
    same_everywhere(&whole, |rank| {
        Ok(plan.execute_on(rank, &source, &NoProgress)?.map(products))
    });
}

#[test]
fn searches_have_the_bits_of_one_process() {
    let source = events(3);
    let grid = SearchGrid::new(400.0, 4.0, 2e-4, 700).with_dots(-1e-6, 1e-6, 3);
    for (statistic, method) in [
        (
            PulseStatistic::ZSquared { harmonics: 2 },
            SumMethod::Recurrence,
        ),
        (
            PulseStatistic::ZSquared { harmonics: 2 },
            SumMethod::Automatic,
        ),
        (
            PulseStatistic::EpochFolding { bins: 16 },
            SumMethod::Automatic,
        ),
    ] {
        let plan = SearchPlan::new(grid, statistic).method(method);
        let whole = plan.search_source(&source).unwrap();
        assert_eq!(whole.statistic.dim(), (3, 700));
        same_everywhere(&whole, |rank| plan.search_on(rank, &source));
    }
}

#[test]
fn work_goes_where_events_are_and_a_failing_rank_is_noticed() {
    // All events and segments of equal length, most light at the end.
    let series = red_noise(100.0, 50.0, 1);
    let times = astro_timing::simulate::events_from_rate(&series, 2).unwrap();
    let good = GoodTimeIntervals::single(0.0, 100.0).unwrap();
    let source = EventList::new(times, good).unwrap();
    let plan = PowerSpectrumPlan::<f64>::new(1.0, 1e-3).unwrap();
    // Rank 2 leaves before it has sent anything.
    let results = on_ranks(3, |rank| match rank.rank() {
        2 => Err("a disk is full".to_owned()),
        _ => plan
            .execute_on(rank, &source, &NoProgress)
            .map_err(|error| error.to_string()),
    });
    assert_eq!(results[2], Err("a disk is full".to_owned()));
    let error = results[0].as_ref().unwrap_err();
    assert!(error.contains("rank 0 failed to"), "{error}");
    // Segments that do not fit are rank 0's to say.
    let plan = PowerSpectrumPlan::<f64>::new(1000.0, 1e-2).unwrap();
    let results = on_ranks(2, |rank| plan.execute_on(rank, &source, &NoProgress));
    assert!(matches!(results[0], Err(Error::Segments(_))));
    assert!(matches!(results[1], Err(Error::Communication(_))));
}
