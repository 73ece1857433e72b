using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Waybill.Terminal;

/// <summary>Standard output for people. Colour only on a terminal and without <c>NO_COLOR</c>; width from <c>COLUMNS</c>, else the terminal, else 120.</summary>
internal static class Screen
{
    private const int WidthRedirected = 120, WidthMin = 40, WidthMax = 500;

    public static IAnsiConsole Open()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = Console.IsOutputRedirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },   // a build server's variables do not make a file a terminal
        });
        if (int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int columns)) console.Profile.Width = Math.Clamp(columns, WidthMin, WidthMax);
        else if (Console.IsOutputRedirected) console.Profile.Width = WidthRedirected;
        else console.Profile.Width = Math.Clamp(console.Profile.Width, WidthMin, WidthMax);
        return console;
    }

    /// <summary>Writes lines as they come; none is wrapped.</summary>
    public static void Write(this IAnsiConsole console, IEnumerable<Line> lines)
    {
        const int AtOnce = 200;
        foreach (Line[] some in lines.Chunk(AtOnce)) console.Write(new Page(some));
    }

    /// <summary>A table without borders, as <c>kubectl</c> prints. Cells hold text, never markup.</summary>
    public static Table Table(params string[] columns)
    {
        var table = new Table { Border = TableBorder.None, ShowHeaders = true };
        foreach (string column in columns)
        {
            bool right = column.StartsWith('>');
            var header = new TableColumn(new Text(column.TrimStart('>'), new Style(decoration: Decoration.Dim))) { Padding = new Padding(0, 0, 2, 0), NoWrap = true };
            table.AddColumn(right ? header.RightAligned() : header);
        }
        return table;
    }

    /// <summary>Writes a table and the line end that a table without a border lacks.</summary>
    public static void WriteTable(this IAnsiConsole console, Table table)
    {
        console.Write(table);
        console.WriteLine();
    }

    public static Text Cell(string? text, Style? style = null) => new(Visible.Of(text), style) { Overflow = Overflow.Ellipsis };

    private sealed class Page(Line[] lines) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => new(0, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
        {
            foreach (Line line in lines)
            {
                foreach (Segment segment in line.Segments) yield return segment;
                yield return Segment.LineBreak;
            }
        }
    }
}
