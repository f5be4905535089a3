//! Written into a copy of the sources by `cargo xtask mutants`: which mutant is switched on, and which are reached by which test.

use std::{cell::RefCell, collections::BTreeSet, env, fs, path::PathBuf, sync::LazyLock, thread, time::Instant};

static ON: LazyLock<Option<usize>> =
    LazyLock::new(|| env::var("XOPERO_MUTANT").ok()?.parse().ok());

static REACHED: LazyLock<Option<PathBuf>> =
    LazyLock::new(|| env::var_os("XOPERO_MUTANTS_REACHED").map(PathBuf::from));

/// What the test of this thread has reached, and since when; written when the thread ends.
struct Reached(BTreeSet<usize>, Instant);

impl Drop for Reached {
    fn drop(&mut self) {
        let Some(folder) = REACHED.as_ref() else {
            return;
        };
        let current = thread::current();
        // A file name, also of a thread that others have the name of.
        let name = current.name().unwrap_or("unnamed").replace("::", "+");
        let name = format!("{name}@{:?}", current.id());
        let numbers: String = self.0.iter().map(|number| format!(" {number}")).collect();
        let text = format!("{}{numbers}", self.1.elapsed().as_millis());
        fs::write(folder.join(name), text).expect("what is reached can be written");
    }
}

thread_local! {
    static HERE: RefCell<Reached> = RefCell::new(Reached(BTreeSet::new(), Instant::now()));
}

pub(crate) fn on(number: usize) -> bool {
    if REACHED.is_some() {
        let _ = HERE.try_with(|here| here.borrow_mut().0.insert(number));
    }
    *ON == Some(number)
}
