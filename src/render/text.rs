//! Text for a terminal: made harmless, cut, measured and wrapped.
//!
//! A provider chooses much of what a report shows. A control character could repaint the screen, a bidirectional one
//! could turn `seen` and `expected` round, a newline could forge a line of the report, so all of them are shown as
//! escapes before anything else happens to the text.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text on one line, with an escape for every character that would do something instead of showing something.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if is_invisible(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Format characters: invisible, or changing the direction or the breaking of what stands around them.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// [`clean`], for text that may have several lines: its lines, the empty ones left out.
pub(crate) fn clean_lines(text: &str) -> Vec<String> {
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| clean(&line.trim_end().replace('\t', "    ")))
        .collect()
}

/// The columns that the mark of a cut takes.
const CUT_MARK: usize = 25;

/// Cuts the middle out of a text of more than `limit` columns: what differs is usually at its end.
pub(crate) fn clip(text: &str, limit: usize) -> String {
    let total = width(text);
    // Cutting out less than what is put in its place would help nobody.
    if total <= limit + CUT_MARK {
        return text.to_owned();
    }
    let tail_columns = limit / 4;
    let head = take(text.chars(), limit - tail_columns);
    let tail: String = take(text.chars().rev(), tail_columns).chars().rev().collect();
    let left_out = text.chars().count() - head.chars().count() - tail.chars().count();
    format!("{head} … {left_out} characters … {tail}")
}

fn take(chars: impl Iterator<Item = char>, columns: usize) -> String {
    let mut used = 0;
    let fits = |c: &char| {
        used += c.width().unwrap_or(0);
        used <= columns
    };
    chars.take_while(fits).collect()
}

/// The columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text and as many spaces as fill `columns`.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Breaks at spaces. A word longer than a line stays whole, so that a URL can still be copied. What the line starts
/// with (the indentation of a command) is kept on every line.
pub(crate) fn wrap(line: &str, columns: usize) -> Vec<String> {
    let start = line.len() - line.trim_start().len();
    let (indent, rest) = line.split_at(start);
    let mut lines = Vec::new();
    let mut current = String::from(indent);
    let mut empty = true;
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        if !empty && width(&current) + 1 + width(word) > columns {
            lines.push(std::mem::replace(&mut current, indent.to_owned()));
            empty = true;
        }
        if !empty {
            current.push(' ');
        }
        current.push_str(word);
        empty = false;
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_instead_of_showing_becomes_an_escape() {
        assert_eq!(clean("a\u{1b}[2J\r\n\u{9b}1m\u{7f}"), r"a\x1b[2J\r\n\x9b1m\x7f");
        assert_eq!(clean("https://a\u{202e}moc\u{200b}"), r"https://a\u{202e}moc\u{200b}");
        assert_eq!(clean("Zürich 東京"), "Zürich 東京");
    }

    #[test]
    fn long_values_keep_both_ends() {
        let text = format!("{}{}", "a".repeat(500), "/");
        let cut = clip(&text, 40);
        assert!(cut.starts_with("aaaa") && cut.ends_with("a/") && cut.contains(" … 461 characters … "), "{cut}");
        assert_eq!(clip("short", 40), "short");
    }

    #[test]
    fn wrapping_keeps_long_words_and_indentation() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("  curl https://auth.example.com/", 10), ["  curl", "  https://auth.example.com/"]);
        assert_eq!(wrap("東京 東京", 5), ["東京", "東京"]);
        assert_eq!(wrap("", 5), [""]);
    }
}
