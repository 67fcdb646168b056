//! Public types can be sent to and shared by threads.

use astro_infer::{
    Chain, Corner, Ensemble, EnsembleOptions, Error, MaximizeOptions, Maximum, Parameter,
    ParameterSet, Prior, Samples, Serial, Threaded,
};

fn send_and_sync<T: Send + Sync>() {}

#[test]
fn public_types_are_send_and_sync() {
    send_and_sync::<Prior>();
    send_and_sync::<Parameter>();
    send_and_sync::<ParameterSet>();
    send_and_sync::<Serial<fn(&[f64]) -> f64>>();
    send_and_sync::<Ensemble<Threaded<fn(&[f64]) -> f64>>>();
    send_and_sync::<EnsembleOptions>();
    send_and_sync::<Chain>();
    send_and_sync::<Samples>();
    send_and_sync::<Corner>();
    send_and_sync::<MaximizeOptions>();
    send_and_sync::<Maximum>();
    send_and_sync::<Error>();
}
