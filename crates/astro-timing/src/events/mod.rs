//! Events in memory, and selections of events wherever they are.

mod combine;
mod list;
mod selection;

pub use list::EventList;
pub use selection::{EnergyBand, EventSelection, SelectedEvents};
