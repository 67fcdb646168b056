//! One HTML page with text, tables and figures that needs no other file.

use std::fmt::Write as _;

use crate::plot::{EncodeError, Figure, escape};

/// A page under construction: blocks in the order in which they were added.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    title: String,
    body: String,
}

impl Report {
    /// A page with a title and one sentence under it.
    pub(crate) fn new(title: &str, lede: &str) -> Self {
        let (title, lede) = (escape(title), escape(lede));
        Self {
            body: format!("<header><h1>{title}</h1><p class=\"lede\">{lede}</p></header>\n"),
            title,
        }
    }

    pub(crate) fn heading(&mut self, text: &str) {
        self.push(&format!("<h2>{}</h2>\n", escape(text)));
    }

    pub(crate) fn paragraph(&mut self, text: &str) {
        self.push(&format!("<p>{}</p>\n", escape(text)));
    }

    /// Commands or other text to be shown as typed.
    pub(crate) fn code(&mut self, text: &str) {
        self.push(&format!("<pre><code>{}</code></pre>\n", escape(text)));
    }

    /// A table; cells that begin with a digit or a sign are set to the right.
    pub(crate) fn table(&mut self, header: &[&str], rows: &[Vec<String>]) {
        let mut html = String::from("<div class=\"scroll\"><table><thead><tr>");
        // Writing to a String cannot fail.
        for (column, name) in header.iter().enumerate() {
            let numeric = rows
                .iter()
                .any(|row| row.get(column).is_some_and(|c| is_number(c)));
            let _ = write!(html, "<th{}>{}</th>", class(numeric), escape(name));
        }
        html.push_str("</tr></thead><tbody>\n");
        for row in rows {
            html.push_str("<tr>");
            for cell in row {
                let _ = write!(html, "<td{}>{}</td>", class(is_number(cell)), escape(cell));
            }
            html.push_str("</tr>\n");
        }
        html.push_str("</tbody></table></div>\n");
        self.push(&html);
    }

    /// Names with their values, such as settings.
    pub(crate) fn list(&mut self, entries: &[(&str, String)]) {
        let mut html = String::from("<dl>\n");
        for (name, value) in entries {
            let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
        }
        html.push_str("</dl>\n");
        self.push(&html);
    }

    /// A figure with its caption.
    pub(crate) fn figure(&mut self, figure: &Figure, caption: &str) -> Result<(), EncodeError> {
        let svg = figure.svg()?;
        self.push(&format!(
            "<figure><div class=\"paper\">{svg}</div><figcaption>{}</figcaption></figure>\n",
            escape(caption)
        ));
        Ok(())
    }

    /// The whole page.
    pub(crate) fn html(&self) -> String {
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
            self.title, self.body
        )
    }

    fn push(&mut self, html: &str) {
        self.body.push_str(html);
    }
}

fn is_number(cell: &str) -> bool {
    cell.trim_start_matches(['+', '-', '−', '±', '<', '≤', ' '])
        .starts_with(|c: char| c.is_ascii_digit())
}

fn class(numeric: bool) -> &'static str {
    if numeric { " class=\"number\"" } else { "" }
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1f2328; --quiet: #59636e; --page: #ffffff; --line: #d5dae0; --wash: #f4f6f8; --accent: #2467ad; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --quiet: #9aa4af; --page: #14171b; --line: #353c44; --wash: #1e2329; --accent: #7db3ea; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
header { border-bottom: 2px solid var(--accent); margin-bottom: 1.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; }
p { margin: .5rem 0 .9rem; max-width: 44rem; }
.lede { color: var(--quiet); font-size: 1.05rem; margin-bottom: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .8rem 0 1.2rem; font-variant-numeric: tabular-nums; }
th, td { padding: .38rem .9rem .38rem 0; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--quiet); font-weight: 600; font-size: .88rem; border-bottom-width: 2px; }
th.number, td.number { text-align: right; padding: .38rem 0 .38rem 1.4rem; }
td.number + td:not(.number), th.number + th:not(.number) { padding-left: 1.4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.4rem; margin: .8rem 0 1.2rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: 1.4rem 0 1.8rem; }
.paper { background: #ffffff; border: 1px solid var(--line); border-radius: 8px; padding: .5rem; text-align: center; }
.paper svg { max-width: 100%; height: auto; vertical-align: middle; }
figcaption { color: var(--quiet); font-size: .92rem; margin-top: .5rem; max-width: 46rem; }
pre { background: var(--wash); border-radius: 8px; padding: .8rem 1rem; overflow-x: auto; font-size: .88rem; line-height: 1.5; }
code { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
@media print { main { max-width: none; } figure, table { break-inside: avoid; } }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_self_contained_and_escaped() {
        let mut report = Report::new("A < B", "what & why");
        report.table(
            &["name", "value"],
            &[
                vec!["σ".into(), "−0.5".into()],
                vec!["x".into(), "+1".into()],
            ],
        );
        report.list(&[("seed", "42".into())]);
        report.code("astro vis fit \"a b.txt\"");
        let html = report.html();
        assert!(html.contains("<h1>A &lt; B</h1>") && html.contains("what &amp; why"));
        assert_eq!(html.matches("<td class=\"number\">").count(), 2);
        for outside in ["http://", "https://", "<script", "<link", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
    }
}
