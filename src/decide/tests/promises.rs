//! Property tests of the promises.
