//! How a visibility is read off an image or a profile: one file a method.

pub(crate) mod bilinear;
pub(crate) mod direct;
pub(crate) mod hankel;
pub(crate) mod stored;
