//! The measurement as written down: one row for each fault, one column for each library set-up.

use oidcheck_checks::verdict::Step;
use serde::Deserialize;

/// What a library did, or what we say that it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It logged in.
    LogsIn,
    /// It refused at this step.
    Refuses(Step),
}

/// The steps of the measurement in the order of a login, by their letters. A small letter stands in the file where
/// the step's code belongs to the application and not to the library.
const STEPS: [(char, Step); 7] = [
    ('D', Step::Discovery),
    ('K', Step::Keys),
    ('R', Step::Authorization),
    ('T', Step::Token),
    ('V', Step::IdToken),
    ('A', Step::AccessToken),
    ('U', Step::Userinfo),
];

impl Answer {
    /// The step of the measurement among these that comes first in a login.
    pub(crate) fn earliest(steps: impl Iterator<Item = Step>) -> Answer {
        steps.filter(|step| STEPS.iter().any(|(_, known)| known == step)).min().map_or(Answer::LogsIn, Answer::Refuses)
    }

    /// As it stands in the file; always a capital letter.
    pub(crate) fn word(self) -> String {
        match self {
            Answer::LogsIn => "ok".into(),
            Answer::Refuses(step) => STEPS.iter().find(|(_, s)| *s == step).map_or('?', |(letter, _)| *letter).into(),
        }
    }

    /// Whether the answer is given before the user is sent anywhere, so that no login is needed to know it.
    pub(crate) fn is_early(self) -> bool {
        matches!(self, Answer::LogsIn | Answer::Refuses(Step::Discovery | Step::Keys))
    }
}

/// Reads a cell; `None` where the fault does not apply to the set-up.
fn cell(text: &str) -> Option<Answer> {
    if text == "-" {
        return None;
    }
    let step = |(letter, step): &(char, Step)| text.eq_ignore_ascii_case(&letter.to_string()).then_some(*step);
    match STEPS.iter().find_map(step) {
        Some(step) => Some(Answer::Refuses(step)),
        None if text == "ok" => Some(Answer::LogsIn),
        None => panic!("{text:?} is no cell"),
    }
}

/// One row.
pub(crate) struct Row {
    /// The fault.
    pub(crate) fault: &'static str,
    cells: Vec<&'static str>,
}

/// The whole measurement.
pub(crate) struct Matrix {
    /// The set-ups in the order of their columns.
    pub(crate) libraries: Vec<&'static str>,
    /// The rows.
    pub(crate) rows: Vec<Row>,
}

impl Matrix {
    /// The measurement.
    pub(crate) fn read() -> Matrix {
        let mut lines = include_str!("../../../fixtures/library-matrix.tsv").lines();
        // The first column names the fault, the last one explains it.
        let inner = |line: &'static str| {
            let columns: Vec<&str> = line.split('\t').collect();
            (columns[0], columns[1..columns.len() - 1].to_vec())
        };
        let (_, libraries) = inner(lines.next().expect("a header"));
        let row = |line| {
            let (fault, cells) = inner(line);
            assert_eq!(cells.len(), libraries.len(), "columns of {fault}");
            Row { fault, cells }
        };
        Matrix { rows: lines.map(row).collect(), libraries }
    }

    /// What a library did about a fault; `None` when that was not measured.
    pub(crate) fn answer(&self, fault: &str, library: &str) -> Option<Answer> {
        let column = self.libraries.iter().position(|id| *id == library)?;
        let row = self.rows.iter().find(|row| row.fault == fault)?;
        cell(row.cells[column])
    }
}

/// The cells in which we knowingly say something else than the library.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Explained {
    /// The cells.
    #[serde(default, rename = "cell")]
    pub(crate) cells: Vec<ExplainedCell>,
    /// The cells after a login.
    #[serde(default, rename = "login")]
    pub(crate) logins: Vec<ExplainedCell>,
}

/// One of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExplainedCell {
    /// The set-up.
    pub(crate) library: String,
    /// The fault.
    pub(crate) fault: String,
    /// What was measured, as [`Answer::word`] writes it.
    pub(crate) cell: String,
    /// What we say, as [`Answer::word`] writes it.
    pub(crate) ours: String,
    /// Why that is right, or cannot be helped.
    pub(crate) why: String,
}

impl Explained {
    /// The cells in which we knowingly say something else than the library.
    pub(crate) fn read() -> Explained {
        toml::from_str(include_str!("../../../fixtures/library-matrix-explained.toml"))
            .expect("the fixture is TOML of that form")
    }
}
