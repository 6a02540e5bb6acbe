"""`sidan simulate`: all six policies in one table, files that can be read again, and a clear no to bad options."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.lab.lineup import SHORT_ZH, USUAL
from app.lab.sensitivity import changes
from app.simulate import lab

TINY = ("--teams", "60", "--days", "10", "--orders", "40")


def told(*arguments: str) -> Result:
    return CliRunner().invoke(lab, arguments, env={"COLUMNS": "100", "TERM": "dumb"})


def refused(*arguments: str) -> str:
    result = told(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_quick_prints_all_six_and_writes_what_it_printed(tmp_path: Path) -> None:
    chart, figures = tmp_path / "chart.svg", tmp_path / "figures.json"
    result = told("--quick", "--seed", "3", "--chart", str(chart), "--json", str(figures))
    assert result.exit_code == 0, result.output
    assert all(SHORT_ZH[name] in result.stdout for name in USUAL)
    assert all(word in result.stdout for word in ("服务率", "负担基尼", "每单通知", "弱势按时率", "无队可派"))
    written = json.loads(figures.read_text("utf-8"))
    assert (written["seed"], written["teams"], written["days"]) == (3, 400, 30)
    assert [run["policy"] for run in written["policies"]] == list(USUAL)
    served = {run["policy"]: run["served"] for run in written["policies"]}
    assert served["rank"] > served["first_come"]
    assert all(f"{share:.1%}" in result.stdout for share in served.values())
    ElementTree.parse(chart)  # noqa: S314


def test_the_same_options_give_the_same_table() -> None:
    one, again = told(*TINY), told(*TINY)
    assert one.exit_code == 0, one.output
    assert one.stdout == again.stdout
    assert told(*TINY, "--seed", "2").stdout != one.stdout


def test_tried_weights_stand_beside_those_in_force(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    asked = ("--policies", "rank,nearest", "--weights", "location=1", "--weights", "specialty=0")
    result = told(*TINY, *asked, "--json", str(figures))
    assert result.exit_code == 0, result.output
    written = json.loads(figures.read_text("utf-8"))
    told_of = [(run["policy"], run["tried_weights"]) for run in written["policies"]]
    assert told_of == [("nearest", False), ("rank", False), ("rank", True)]
    assert written["tried_weights"]["location"] == 1
    assert written["weights"]["location"] != 1
    travel = {
        run["tried_weights"]: run["travel_km"] for run in written["policies"] if run["policy"] == "rank"
    }
    assert travel[True] <= travel[False]


def test_sensitivity_changes_each_assumption_twice() -> None:
    result = told("--teams", "20", "--days", "7", "--orders", "8", "--policies", "nearest", "--sensitivity")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("×0.5") == result.stdout.count("×2") == len(changes()) // 2
    assert "疲劳的影响" in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--policies", "best"), "best"),
        (("--policies", " , "), "first_come"),
        (("--teams", "1"), "10至"),
        (("--orders", "0"), "1至"),
        (("--days", "400"), "7至365"),
        (("--weights", "charm=1"), "location"),
        (("--weights", "location"), "名称=数值"),
        (("--weights", "location=far"), "far"),
        (("--weights", "location=-1"), "0到1000"),
        (("--weights", "location=nan"), "0到1000"),
        (("--chart", "no/such/folder/chart.svg"), "no/such/folder"),
        (("--history", "qinghe", "--quick"), "--history"),
        (("--teams", "12", "--days", "7", "--orders", "1", "--calibrate"), "目标服务率"),
    ],
)
def test_a_bad_option_is_answered_in_one_sentence(options: tuple[str, ...], said: str) -> None:
    assert said in refused(*options)


def test_sidan_simulate_is_this_command(capfd: pytest.CaptureFixture[str]) -> None:
    """The command hands over to a process of its own, whose words and exit code are its own."""
    assert CliRunner().invoke(cli, ["simulate", "--policies", "best"]).exit_code == 1
    said = capfd.readouterr()
    assert "best" in said.err
    assert said.out == ""
