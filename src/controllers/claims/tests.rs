mod rights;
mod wants;
