"""Native charts for Excel: they follow the cells when someone edits them."""

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.worksheet.worksheet import Worksheet

_INK, _GRID = "2B384C", "E4E1DA"  # the ink of the data and the borders of the window


def share_bars(sheet: Worksheet, column: int, first: int, last: int) -> BarChart:
    """Return bars of the shares in `column` of the rows `first` to `last`, named by the first column, in its order."""
    chart = BarChart()
    chart.type, chart.title, chart.legend, chart.gapWidth = "bar", "Value as a share of target", None, 60
    chart.height, chart.width = max(4.0, 1.6 + 0.9 * (last - first + 1)), 19
    chart.add_data(Reference(sheet, min_col=column, min_row=first, max_row=last), titles_from_data=False)
    chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    chart.series[0].graphicalProperties = GraphicalProperties(solidFill=_INK)
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.scaling.min = 0
    chart.y_axis.number_format, chart.y_axis.crosses = "0%", "max"  # with the order turned round, max is at the bottom
    _pale(chart)
    return chart


def month_line(sheet: Worksheet, title: str, column: int, last: int, shown: str) -> LineChart:
    """Return the line of `column` over the months in the first column, rows 2 to `last`; a blank month is a gap."""
    chart = LineChart()
    chart.title, chart.legend, chart.height, chart.width = f"{title} by month", None, 7, 19
    chart.add_data(Reference(sheet, min_col=column, min_row=2, max_row=last), titles_from_data=False)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    line = chart.series[0]
    line.smooth = False
    line.graphicalProperties.line.solidFill, line.graphicalProperties.line.width = _INK, 22_000
    chart.display_blanks = "gap"
    chart.x_axis.number_format, chart.x_axis.delete, chart.y_axis.delete = "mmm yy", False, False
    chart.y_axis.number_format = shown.replace("#,##0.00", "#,##0")
    _pale(chart)
    return chart


def _pale(chart: BarChart | LineChart) -> None:
    """Draw grid lines so that they stay behind the data."""
    chart.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill=_GRID)))
