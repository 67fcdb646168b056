//! Events in memory, and selections of events wherever they are.

mod combine;
mod good;
mod list;
mod merged;
mod selection;

pub use good::EventsInGoodTime;
pub use list::EventList;
pub use merged::{JointGoodTime, MergedEvents};
pub use selection::{EnergyBand, EventSelection, SelectedEvents};
