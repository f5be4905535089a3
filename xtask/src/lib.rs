//! What the tests and the demo share: the control plane.
