//! The little of Python that Keystone's mapping shows: `str.format` with numbers, lists written as text and read from it.

use super::keystone::Failure;

/// `text.format(*direct)`. A value that is not alone is written as a list.
pub(super) fn format(text: &str, direct: &[Vec<String>]) -> Result<String, Failure> {
    let broken = |why: &str| Failure::Broken(format!("{why} in {text:?}"));
    let (mut out, mut rest) = (String::new(), text);
    // `{}` counts by itself, and may not stand beside `{0}`.
    let (mut automatic, mut numbered) = (0_usize, false);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, brace) = rest.split_at(at);
        out.push_str(before);
        if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
            out.push_str(&brace[..1]);
            rest = after;
            continue;
        }
        let Some(field) = brace.strip_prefix('{') else { return Err(broken("a } stands alone")) };
        let end = field.find('}').ok_or_else(|| broken("a { stands alone"))?;
        let (field, after) = (&field[..end], &field[end + 1..]);
        rest = after;
        let name = field.find([':', '!']).map_or(field, |at| &field[..at]);
        if name.contains(['.', '[']) || field.len() > name.len() {
            return Err(Failure::Open(format!("{{{field}}} is more than a number")));
        }
        let index = if name.is_empty() {
            automatic += 1;
            automatic - 1
        } else {
            numbered = true;
            let digits = name.chars().all(|c| c.is_ascii_digit());
            name.parse().ok().filter(|_| digits).ok_or_else(|| broken(&format!("{{{name}}} is no number")))?
        };
        if automatic > 0 && numbered {
            return Err(broken("{} stands beside a number"));
        }
        let value = direct.get(index).ok_or_else(|| {
            Failure::Broken(format!("{{{index}}} counts from 0, and there are {} direct entries", direct.len()))
        })?;
        match value.as_slice() {
            [one] => out.push_str(one),
            several => out.push_str(&written(several)),
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// A list as Python writes it.
fn written(values: &[String]) -> String {
    format!("[{}]", values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if c < ' ' || ('\u{7f}'..='\u{a0}').contains(&c) || c == '\u{ad}' => {
                out.push_str(&format!("\\x{:02x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// A text as a list: the elements, and whether each is a text, when it is a Python list of literals; else the text itself.
pub(super) fn list(text: &str) -> Vec<(String, bool)> {
    let mut reader = Reader { rest: text.trim_start_matches([' ', '\t']) };
    let read = reader.list().filter(|_| reader.rest.trim_start().is_empty());
    read.unwrap_or_else(|| vec![(text.to_owned(), true)])
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn eat(&mut self, c: char) -> bool {
        self.rest = self.rest.trim_start();
        let after = self.rest.strip_prefix(c);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn list(&mut self) -> Option<Vec<(String, bool)>> {
        self.eat('[').then_some(())?;
        let mut items = Vec::new();
        while !self.eat(']') {
            if !items.is_empty() {
                self.eat(',').then_some(())?;
                if self.eat(']') {
                    break;
                }
            }
            items.push(self.item()?);
        }
        Some(items)
    }

    fn item(&mut self) -> Option<(String, bool)> {
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next()?;
        if matches!(first, '\'' | '"') {
            // Texts that stand side by side are one.
            let mut text = String::new();
            while let Some(quote) = self.rest.trim_start().chars().next().filter(|c| matches!(c, '\'' | '"')) {
                text.push_str(&self.string(quote)?);
            }
            return Some((text, true));
        }
        let end = self.rest.find([',', ']']).unwrap_or(self.rest.len());
        let word = self.rest[..end].trim();
        let number = !word.starts_with('0') && word.trim_start_matches('-').chars().all(|c| c.is_ascii_digit());
        (word == "0" || number || matches!(word, "True" | "False" | "None")).then_some(())?;
        let item = (word.to_owned(), false);
        self.rest = &self.rest[end..];
        Some(item)
    }

    fn string(&mut self, quote: char) -> Option<String> {
        self.eat(quote);
        let mut out = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Some(out);
                }
                '\\' => match chars.next()?.1 {
                    'n' => out.push('\n'),
                    'r' => out.push('\r'),
                    't' => out.push('\t'),
                    c @ ('\\' | '\'' | '"') => out.push(c),
                    'x' => {
                        let digits: String = chars.by_ref().take(2).map(|(_, c)| c).collect();
                        out.push(char::from(u8::from_str_radix(&digits, 16).ok()?));
                    }
                    // Python keeps what it does not know, with the backslash.
                    c => out.extend(['\\', c]),
                },
                '\n' => return None,
                c => out.push(c),
            }
        }
        None
    }
}
