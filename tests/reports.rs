//! Every renderer accounts for every outcome, and nothing that a provider says can act on a terminal.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the failure, in its helpers too")]

mod samples;

use oidcheck::render::{Format, Look, json, write};
use oidcheck_checks::report::{Report, Run};
use samples::{clean_run, every_outcome, hostile_run, many, report_of, unreachable_run};

fn render(format: Format, report: &Report, width: usize) -> String {
    let mut out = Vec::new();
    write(format, report, Look { color: false, width }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn human(report: &Report, width: usize) -> String {
    render(Format::Human, report, width)
}

fn all_reports() -> Vec<Report> {
    vec![
        report_of(vec![every_outcome()]),
        report_of(vec![clean_run()]),
        report_of(vec![hostile_run()]),
        report_of(vec![unreachable_run()]),
        report_of(vec![every_outcome(), clean_run(), hostile_run()]),
        report_of(many()),
        report_of(Vec::new()),
    ]
}

#[test]
fn json_and_junit_hold_every_check_of_every_run_once() {
    for report in all_reports() {
        let value: serde_json::Value = serde_json::from_str(&render(Format::Json, &report, 80)).unwrap();
        let junit = render(Format::Junit, &report, 80);
        let suites = quick_junit::Report::deserialize_from_str(&junit).unwrap().test_suites;
        assert_eq!(value["runs"].as_array().unwrap().len(), report.runs.len());
        assert_eq!(suites.len(), report.runs.len());
        for (index, run) in report.runs.iter().enumerate() {
            let wanted: Vec<(&str, &str)> = run.outcomes.iter().map(|o| (o.check.id, o.word())).collect();
            let outcomes = value["runs"][index]["outcomes"].as_array().unwrap();
            let got: Vec<(&str, &str)> =
                outcomes.iter().map(|o| (o["check"].as_str().unwrap(), o["verdict"].as_str().unwrap())).collect();
            assert_eq!(got, wanted);
            for (outcome, json) in run.outcomes.iter().zip(outcomes) {
                assert_eq!(json["findings"].as_array().unwrap().len(), outcome.findings().len());
                assert_eq!(json["reason"].as_str().map(str::to_owned), outcome.reason());
            }
            let names: Vec<&str> = suites[index].test_cases.iter().map(|case| case.name.as_str()).collect();
            assert_eq!(names, wanted.iter().map(|(id, _)| *id).collect::<Vec<_>>());
            let of = |word: &str| wanted.iter().filter(|(_, w)| *w == word).count();
            assert_eq!(suites[index].failures, of("fail"));
            assert_eq!(suites[index].errors, of("inconclusive") + of("crashed"));
            assert_eq!(suites[index].skipped, of("not-applicable"));
        }
    }
}

#[test]
fn the_human_report_counts_every_outcome() {
    for report in all_reports() {
        let text = human(&report, 200);
        let runs: Vec<&Run> = report.runs.iter().collect();
        let groups: Vec<&[&Run]> = if runs.len() > 3 { vec![&runs] } else { runs.chunks(1).collect() };
        for group in groups {
            let of = |word: &str| group.iter().map(|run| run.count(word)).sum::<usize>();
            for (word, texts) in [
                ("pass", [" passed", " check passed", " checks passed"].as_slice()),
                ("fail", &[" check;", " checks;", " check\n", " checks\n"]),
                ("not-applicable", &[" does not apply", " do not apply"]),
                ("inconclusive", &[" cannot be told yet"]),
                ("crashed", &[" crashed"]),
            ] {
                let number = of(word);
                let told = texts.iter().any(|text_of| text.contains(&format!("{number}{text_of}")));
                assert!(told || number == 0, "{number} {word}: {text}");
            }
        }
    }
}

#[test]
fn every_finding_and_its_remedy_are_shown_in_full() {
    let run = every_outcome();
    let text = human(&report_of(vec![run.clone()]), 10_000);
    for (_, finding) in run.findings() {
        assert!(text.contains(&finding.message), "{}", finding.message);
    }
    for remedy in ["Settings → Plugins", "  systemctl restart caddy"] {
        assert!(text.contains(remedy), "{remedy}: {text}");
    }
}

#[test]
fn json_is_what_the_schema_says() {
    let schema: serde_json::Value = serde_json::from_str(json::SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in all_reports() {
        let value: serde_json::Value = serde_json::from_str(&render(Format::Json, &report, 80)).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        // A field that the schema does not know has to be refused, or the test above would prove nothing.
        let mut more = value.clone();
        more["extra"] = serde_json::Value::Bool(true);
        assert!(!validator.is_valid(&more));
    }
}

#[test]
fn json_keeps_values_as_they_came() {
    let run = hostile_run();
    let value: serde_json::Value =
        serde_json::from_str(&render(Format::Json, &report_of(vec![run.clone()]), 80)).unwrap();
    let finding = &value["runs"][0]["outcomes"][0]["findings"][0];
    assert_eq!(finding["actual"].as_str(), run.outcomes[0].findings()[0].actual.as_deref());
}

/// Escape sequences, bells, C1 controls, right-to-left overrides: none reaches the terminal in any format.
#[test]
fn nothing_from_a_provider_acts_on_a_terminal() {
    // JSON is data: what only changes the direction of the text stays as it came.
    let acts = |format: Format, c: char| match format {
        Format::Json => c.is_control() && c != '\n',
        Format::Human | Format::Junit => (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c),
    };
    for format in [Format::Human, Format::Json, Format::Junit] {
        for report in [report_of(vec![hostile_run()]), report_of(vec![hostile_run(); 4])] {
            for width in [40, 80, 120] {
                let text = render(format, &report, width);
                let bad = text.chars().find(|c| acts(format, *c));
                assert_eq!(bad, None, "{format:?}: {text:?}");
            }
        }
    }
    let text = human(&report_of(vec![hostile_run()]), 100);
    assert!(text.contains(r"\x1b[2J") && text.contains(r"\u{202e}"), "{text}");
    assert!(!text.lines().any(|line| line.starts_with("  ✓ People can log in")), "a newline forged a line: {text}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    for report in all_reports() {
        for width in [60, 100] {
            let mut out = Vec::new();
            write(Format::Human, &report, Look { color: true, width }, &mut out).unwrap();
            let coloured = String::from_utf8(out).unwrap();
            let mut plain = String::new();
            let mut rest = coloured.as_str();
            while let Some(start) = rest.find("\u{1b}[") {
                plain.push_str(&rest[..start]);
                rest = &rest[start..];
                rest = &rest[rest.find('m').unwrap() + 1..];
            }
            plain.push_str(rest);
            assert_eq!(plain, human(&report, width));
        }
    }
}

#[test]
fn lines_keep_to_the_width_unless_a_word_is_longer() {
    for report in [report_of(vec![every_outcome()]), report_of(vec![clean_run()]), report_of(many())] {
        for width in [60, 80, 100, 140] {
            for line in human(&report, width).lines() {
                let longest = line.split_whitespace().map(|word| word.chars().count()).max().unwrap_or_default();
                // The quoted arguments of a command are words with spaces in them.
                let is_command = line.contains("'https://") || line.contains("-H '") || line.contains("they differ");
                assert!(line.chars().count() <= width || longest + 30 > width || is_command, "{width}: {line}");
            }
        }
    }
}

#[test]
fn formats_are_read_from_words() {
    assert_eq!("junit".parse::<Format>(), Ok(Format::Junit));
    assert_eq!("xml".parse::<Format>(), Err(r#"there is no format "xml"; it may be one of human, json, junit"#.into()));
}

#[test]
fn a_failing_report_at_100_columns() {
    insta::assert_snapshot!(human(&report_of(vec![every_outcome()]), 100));
}

#[test]
fn a_failing_report_at_60_columns() {
    insta::assert_snapshot!(human(&report_of(vec![every_outcome()]), 60));
}

#[test]
fn a_passing_report() {
    insta::assert_snapshot!(human(&report_of(vec![clean_run()]), 100));
}

#[test]
fn an_unreachable_provider() {
    insta::assert_snapshot!(human(&report_of(vec![unreachable_run()]), 100));
}

#[test]
fn a_hostile_provider() {
    insta::assert_snapshot!(human(&report_of(vec![hostile_run()]), 100));
}

#[test]
fn a_table_at_100_columns() {
    insta::assert_snapshot!(human(&report_of(many()), 100));
}

#[test]
fn a_table_at_60_columns() {
    insta::assert_snapshot!(human(&report_of(many()), 60));
}

#[test]
fn a_junit_report() {
    insta::assert_snapshot!(render(Format::Junit, &report_of(vec![every_outcome()]), 80));
}
