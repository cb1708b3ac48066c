//! What the application would make of those who logged in: one under the other, or side by side where there is room.

use super::human::{Ink, Page};
use super::text::{clean, pad, width, wrap};
use super::words;
use oidcheck_checks::people::{Person, Row};
use oidcheck_checks::report::{Login, Run};
use std::io;

/// Where everything below the word `person` starts.
const INDENT: usize = 9;
/// The column in which the labels end, unless one is longer.
const LABELS: usize = 21;
/// What stands between two columns.
const GAP: usize = 2;

/// Writes everybody.
pub(super) fn write(run: &Run, page: &mut Page<'_>) -> io::Result<()> {
    let title = clean(&run.profile.file.title);
    let would = if matches!(run.login(), Login::NothingAgainst | Login::Unknown) { "sees" } else { "would see" };
    if let Some(table) = Table::of(run, page.look.width) {
        page.blank()?;
        page.beside((Ink::Dim, "people"), INDENT, Ink::Plain, &format!("as {title} {would} them"))?;
        return table.write(page);
    }
    for person in &run.people {
        page.blank()?;
        let heading = format!("{} as {title} {would} them", clean(&person.persona));
        page.beside((Ink::Dim, "person"), INDENT, Ink::Plain, &heading)?;
        for row in &person.rows {
            let label = label(&row.is);
            let columns = (width(&label) + GAP).max(LABELS);
            let (ink, text) = words::person_row(row);
            page.beside((Ink::Dim, &label), columns, ink.map_or(Ink::Plain, Ink::from), &text)?;
        }
    }
    Ok(())
}

fn label(is: &str) -> String {
    format!("{}{}", " ".repeat(INDENT), clean(is))
}

/// Several people, a column each.
struct Table {
    labels: usize,
    columns: Vec<usize>,
    names: Vec<String>,
    lines: Vec<(String, Cells)>,
}

/// What stands in a line of the table.
enum Cells {
    /// The same for everybody, whoever logs in.
    Alike(Ink, String),
    /// One for each.
    Each(Vec<(Ink, String)>),
}

impl Table {
    /// `None` when there is one person, or no room to read it.
    fn of(run: &Run, page: usize) -> Option<Table> {
        let people = run.people.as_slice();
        let longest = people.iter().max_by_key(|person| person.rows.len()).filter(|_| people.len() > 1)?;
        // Somebody whom the application refuses has fewer rows; a word may stand twice.
        let mut all: Vec<(&str, usize)> = Vec::new();
        for (key, _) in std::iter::once(longest).chain(people).flat_map(keys) {
            if !all.contains(&key) {
                all.push(key);
            }
        }
        let lines: Vec<(String, Cells)> = all.iter().map(|key| (label(key.0), line(run, *key))).collect();
        let labels = lines.iter().map(|(label, _)| width(label) + GAP).max().unwrap_or_default().max(LABELS);
        let names: Vec<String> = people.iter().map(|person| clean(&person.persona)).collect();
        let room = page.checked_sub(labels)?;
        let share = (room + GAP).checked_div(people.len())?.checked_sub(GAP)?;
        let texts = |index: usize| {
            let cells = lines.iter().filter_map(move |(_, cells)| match cells {
                Cells::Each(cells) => cells.get(index).map(|(_, text)| text.as_str()),
                Cells::Alike(..) => None,
            });
            cells.chain(names.get(index).map(String::as_str))
        };
        let columns: Vec<usize> =
            (0..people.len()).map(|index| texts(index).map(width).max().unwrap_or_default().min(share)).collect();
        // A word that does not fit its column would push the others away.
        let fits = (0..people.len()).all(|index| texts(index).flat_map(|t| t.split(' ')).all(|w| width(w) <= share));
        fits.then_some(Table { labels, columns, names, lines })
    }

    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let heads: Vec<(Ink, String)> = self.names.iter().map(|name| (Ink::Strong, name.clone())).collect();
        self.row("", &heads, page)?;
        for (label, cells) in &self.lines {
            match cells {
                Cells::Alike(ink, text) => page.beside((Ink::Dim, label), self.labels, *ink, text)?,
                Cells::Each(cells) => self.row(label, cells, page)?,
            }
        }
        Ok(())
    }

    fn row(&self, label: &str, cells: &[(Ink, String)], page: &mut Page<'_>) -> io::Result<()> {
        let wrapped: Vec<(Ink, Vec<String>)> =
            cells.iter().zip(&self.columns).map(|((ink, text), columns)| (*ink, wrap(text, *columns))).collect();
        let height = wrapped.iter().map(|(_, lines)| lines.len()).max().unwrap_or_default();
        for at in 0..height {
            let label = if at == 0 { label } else { "" };
            let mut line = page.paint(Ink::Dim, &pad(label, self.labels));
            // Nothing is written behind the last word of a line.
            let last = wrapped.iter().rposition(|(_, lines)| lines.len() > at).unwrap_or_default();
            for (index, ((ink, lines), columns)) in wrapped.iter().zip(&self.columns).enumerate().take(last + 1) {
                let text = lines.get(at).map(String::as_str).unwrap_or_default();
                line.push_str(&page.paint(*ink, text));
                if index < last {
                    line.push_str(&" ".repeat(columns.saturating_sub(width(text)) + GAP));
                }
            }
            page.line(Ink::Plain, "", &line)?;
        }
        Ok(())
    }
}

/// The rows of a person; a word that stands more than once is numbered.
fn keys(person: &Person) -> impl Iterator<Item = ((&str, usize), &Row)> {
    person.rows.iter().enumerate().map(|(index, row)| {
        let before = person.rows.iter().take(index).filter(|other| other.is == row.is).count();
        ((row.is.as_str(), before), row)
    })
}

fn line(run: &Run, key: (&str, usize)) -> Cells {
    let find = |person| keys(person).find(|(known, _)| *known == key).map(|(_, row)| row);
    let rows: Vec<Option<&Row>> = run.people.iter().map(find).collect();
    // What holds whatever the claims say needs no comparison.
    let whatever = |row: &&Row| {
        let text = |text: &Option<String>| text.as_ref().is_some_and(|text| row.values == [text.as_str()]);
        let said = run.profile.becomes().any(|becomes| becomes.is == row.is && text(&becomes.text));
        said && rows.iter().all(|other| *other == Some(row))
    };
    let cell = |row: &Row| {
        let (ink, text) = words::person_row(row);
        (ink.map_or(Ink::Plain, Ink::from), text)
    };
    if let Some(row) = rows.first().copied().flatten().filter(whatever) {
        let (ink, text) = cell(row);
        return Cells::Alike(ink, text);
    }
    Cells::Each(rows.iter().map(|row| row.map_or((Ink::Dim, "–".to_owned()), cell)).collect())
}
