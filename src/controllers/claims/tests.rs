mod protects;
mod remembered;
mod rights;
mod wants;
