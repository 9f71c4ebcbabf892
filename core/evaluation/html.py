"""A report as one HTML page: no script, nothing fetched, every text of the data escaped."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files

from core.evaluation import plots
from core.evaluation.audit import Audit, Probe
from core.evaluation.compare import Comparison, Difference, Example
from core.evaluation.findings import MEANINGS, Findings, Matrix, figure_name, named
from core.evaluation.intervals import Figure

BARS = 30

NUMBER, TEXT, PLAIN = "number", "text", ""  # classes of a table's columns


def page(found: Findings) -> str:
    """returns: a whole document"""
    return document(found.title, _sections(found))


def document(title: str, sections: Iterable[str]) -> str:
    """returns: a whole document, light or dark as the reader's system is. sections: HTML"""
    style = files("core.evaluation").joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(sections)
        + "\n</main>\n</body>\n</html>\n"
    )


def _sections(found: Findings) -> Iterator[str]:
    facts = {"Model": found.model, "Rows": f"{found.n:,}", "Data": found.data, "Made": found.made}
    yield heading(found.title, facts)
    yield "<h2>Figures</h2>\n" + _figures(found)
    if found.comparison:
        yield _comparison(found.comparison, found.baseline)
    yield _labels(found)
    if found.confusions:
        yield _confusions(found)
    if found.reliability:
        yield (
            '<h2>Confidence</h2>\n<p class="soft">Rows with a label; the confidence is the probability of the most '
            'probable known label.</p>\n<div class="plots">'
            f"<figure>{plots.reliability_diagram(found.reliability)}<figcaption>Equally filled bins with 95 % "
            "intervals. Below the dashed line the model is surer than it should be.</figcaption></figure>"
            f"<figure>{plots.confidence_histogram(found.histogram)}<figcaption>How many rows have which confidence."
            "</figcaption></figure></div>"
        )
    if found.audit:
        yield _audit(found.audit)
    if found.mistakes:
        yield "<h2>Surest mistakes</h2>\n" + table(
            {"Text": TEXT, "Entity": PLAIN, "True": PLAIN, "Decided": PLAIN, "Confidence": NUMBER},
            ((m.text, m.entity, named(m.label), named(m.predicted), f"{m.confidence:.3f}") for m in found.mistakes),
        )
    yield "<footer>Intervals are 95 %. This page holds texts of the data: keep it as private as the data.</footer>"


def heading(title: str, facts: Mapping[str, str]) -> str:
    """facts: by name; those without a value are left out"""
    listed = "".join(f"<div><dt>{k}</dt><dd>{escape(v)}</dd></div>" for k, v in facts.items() if v)
    return f'<h1>{escape(title)}</h1>\n<dl class="facts">{listed}</dl>'


def plain_figures(figures: Mapping[str, Figure]) -> str:
    """Figures of any scale."""
    return "<h2>Figures</h2>\n" + table(
        {"Figure": PLAIN, "Value": NUMBER, "95 % interval": NUMBER, "What it is": TEXT},
        (
            (figure_name(key), f"{f.value:.4g}", f"{f.low:.4g} to {f.high:.4g}", MEANINGS.get(key.split("@")[0], ""))
            for key, f in figures.items()
        ),
    )


def compared(baseline: str, verdict: str, sentence: str) -> str:
    """A verdict and what it stands on."""
    mark = verdict if verdict in ("better", "worse") else ""
    return (
        f'<h2>Compared with {escape(baseline)}</h2>\n<p class="verdict {mark}"><strong>{escape(verdict)}'
        f"</strong>: {escape(sentence)}</p>"
    )


def _figures(found: Findings) -> str:
    lines = []
    for key, figure in found.figures.items():
        lowest = -1.0 if figure.low < 0 else 0.0
        lines.append(
            f'<tr><td class="name">{escape(figure_name(key))}</td><td class="number">{figure.value:.3f}</td>'
            f'<td class="number">{_interval(figure)}</td><td>{plots.interval_bar(figure, lowest)}</td>'
            f'<td class="number">{figure.n:,}</td><td class="meaning">{escape(MEANINGS.get(key, ""))}</td></tr>'
        )
    head = (
        '<th>Figure</th><th class="number">Value</th><th class="number">95 % interval</th><th>On a scale to 1</th>'
        '<th class="number">Rows</th><th>What it is</th>'
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'


def _comparison(c: Comparison, baseline: str) -> str:
    differences = [(name, d) for name, d in (("Accuracy", c.accuracy), ("Macro F1", c.macro_f1)) if d]
    parts = [
        compared(
            baseline,
            c.verdict,
            f"of {c.n:,} rows this model alone gets {c.only_candidate_right:,} right, the baseline alone "
            f"{c.only_baseline_right:,}, both {c.both_right:,}, neither {c.both_wrong:,}. McNemar's exact test of "
            f"accuracy: p = {c.mcnemar_p:.3g}.",
        ),
        table(
            dict.fromkeys(["Figure"], PLAIN)
            | dict.fromkeys(["This model", "Baseline", "Difference", "95 % interval", "p (bootstrap)"], NUMBER),
            (
                (name, f"{d.candidate:.3f}", f"{d.baseline:.3f}", f"{d.value:+.3f}", _interval(d), f"{d.p:.3g}")
                for name, d in differences
            ),
        ),
    ]
    for title, examples in (
        ("Only this model is right", c.only_candidate_examples),
        ("Only the baseline is right", c.only_baseline_examples),
    ):
        if examples:
            parts.append(f"<details><summary>{title}: examples</summary>{_examples(examples)}</details>")
    return "\n".join(parts)


def _examples(examples: Sequence[Example]) -> str:
    return table(
        {"Text": TEXT, "Entity": PLAIN, "True": PLAIN, "This model": PLAIN, "Baseline": PLAIN},
        ((e.text, e.entity, named(e.label), named(e.candidate), named(e.baseline)) for e in examples),
    )


def _labels(found: Findings) -> str:
    worst = found.labels[:BARS]
    which = f"The {BARS} worst of {len(found.labels)} labels" if len(worst) < len(found.labels) else "All labels"
    listed = table(
        dict.fromkeys(["Label"], PLAIN) | dict.fromkeys(["Precision", "Recall", "F1", "Predicted", "Rows"], NUMBER),
        (
            (named(s.label), f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}", s.predicted, s.support)
            for s in found.labels
        ),
    )
    return (
        f"<h2>Labels</h2>\n<figure>{plots.f1_bars(worst)}<figcaption>{which}, worst first.</figcaption></figure>\n"
        f"<details><summary>Precision, recall and F1 of all labels</summary>{listed}</details>"
    )


def _confusions(found: Findings) -> str:
    return f"<h2>Confusions</h2>\n{_heat(found.matrix)}\n<h3>Most frequent</h3>\n" + table(
        {"True": PLAIN, "Taken for": PLAIN, "Rows": NUMBER, "Share of the true label": NUMBER},
        ((named(c.label), named(c.predicted), c.n, f"{c.share:.1%}") for c in found.confusions),
    )


def _heat(matrix: Matrix) -> str:
    """Each line shaded by its share of the true label: blue on the diagonal, orange off it.

    By the root of the share, so that one row in twenty is still seen.
    """
    names = [escape(named(label)) for label in matrix.labels]
    head = "".join(f'<th title="{name}"><span>{name}</span></th>' for name in [*names, "any other label"])
    lines = []
    for at, (name, counts, rest) in enumerate(zip(names, matrix.counts, matrix.elsewhere, strict=True)):
        total = max(1, sum(counts) + rest)
        cells = "".join(
            f'<td class="{"" if n else "none"}" style="background:'
            f'rgba(var(--{"right" if at == column else "wrong"}-rgb),{0.6 * math.sqrt(n / total):.2f})">{n:,}</td>'
            for column, n in enumerate([*counts, rest])
        )
        lines.append(f'<tr><th title="{name}">{name}</th>{cells}</tr>')
    return (
        '<div class="scroll"><table class="heat"><caption>Rows (count) of each true label by what was decided; the '
        "stronger the shade, the larger the share of the true label. Blue is right, orange is wrong.</caption>"
        f'<thead><tr><th class="corner">true ↓ decided →</th>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _audit(audit: Audit) -> str:
    parts = ["<h2>Changed texts</h2>\n<p>What small changes that leave the label as it is do to decisions.</p>"]
    columns = {"Change": PLAIN} | dict.fromkeys(
        ["Texts", "Decisions flipped", "95 % interval", "Accuracy before", "Accuracy after"], NUMBER
    )
    for group, title in (("robustness", "Careless writing"), ("counterfactual", "Other names, numbers, gender")):
        probes = [probe for probe in audit.probes if probe.group == group]
        if probes:
            parts.append(f"<h3>{title}</h3>\n" + table(columns, (_probe(probe) for probe in probes)))
            parts += [_flips(probe) for probe in probes if probe.worst]
    if audit.untouched:
        parts.append(f'<p class="soft">Nothing to change: {escape(", ".join(audit.untouched))}.</p>')
    return "\n".join(parts)


def _probe(probe: Probe) -> tuple[object, ...]:
    before, after = probe.accuracy_before.value, probe.accuracy_after.value
    flipped = probe.flipped
    interval = f"{flipped.low:.1%} to {flipped.high:.1%}"
    return probe.kind, probe.changed, f"{flipped.value:.1%}", interval, f"{before:.3f}", f"{after:.3f}"


def _flips(probe: Probe) -> str:
    listed = table(
        {"Text": TEXT, "Changed": TEXT, "True": PLAIN, "Decided": PLAIN, "Then": PLAIN, "Confidence": NUMBER},
        (
            (f.text, f.changed_text, named(f.label), named(f.decided), named(f.then_decided), f"{f.confidence:.3f}")
            for f in probe.worst
        ),
    )
    return f"<details><summary>{escape(probe.kind)}: worst flips</summary>{listed}</details>"


def _interval(figure: Figure | Difference) -> str:
    return f"{figure.low:.3f} to {figure.high:.3f}"


def table(columns: dict[str, str], rows: Iterable[Sequence[object]]) -> str:
    """columns: title → class;  a column without any text is left out"""
    cells = [[f"{value:,}" if isinstance(value, int) else str(value) for value in row] for row in rows]
    kept = [at for at in range(len(columns)) if any(row[at] for row in cells)]
    kinds = list(columns.values())

    def line(tag: str, texts: Sequence[str]) -> str:
        # Long label names may break after an underscore.
        shown = (escape(texts[at]).replace("_", "_<wbr>") for at in kept)
        inner = (f'<{tag} class="{kinds[at]}">{text}</{tag}>' for at, text in zip(kept, shown, strict=True))
        return f"<tr>{''.join(inner)}</tr>"

    body = "".join(line("td", row) for row in cells)
    head = line("th", list(columns))
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'
