mod protects;
mod rights;
mod wants;
