//! A state file that is read again when it changes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    simulator::Simulator,
    state::{self, State},
    world::LoadError,
};

/// A state file, with the text last read from it.
#[derive(Debug)]
pub struct Watched {
    path: PathBuf,
    text: String,
}

/// Why a state file was not taken over.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("the state file {path:?} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Its text is no state.
    #[error("the state file {path:?} is not understood")]
    State {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: state::Error,
    },
    /// It contradicts itself.
    #[error("the state file {path:?} cannot be used")]
    Load {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: LoadError,
    },
}

impl Watched {
    /// Reads a state file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no state.
    pub fn read(path: &Path) -> Result<(Self, State), Error> {
        let text = read(path)?;
        let state = parse(path, &text)?;
        let watched = Self {
            path: path.to_owned(),
            text,
        };
        Ok((watched, state))
    }

    /// Gives the simulator what the file says, if it says something else than before; whether it did.
    /// A text that cannot be used is reported once, and the former state stays.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is no state, or contradicts itself.
    pub fn refresh(&mut self, simulator: &Simulator) -> Result<bool, Error> {
        let text = read(&self.path)?;
        if text == self.text {
            return Ok(false);
        }
        self.text = text;
        let state = parse(&self.path, &self.text)?;
        simulator
            .replace_state(state)
            .map_err(|source| Error::Load {
                path: self.path.clone(),
                source,
            })?;
        Ok(true)
    }
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn parse(path: &Path, text: &str) -> Result<State, Error> {
    State::from_yaml(text).map_err(|source| Error::State {
        path: path.to_owned(),
        source,
    })
}
