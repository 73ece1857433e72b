namespace Waybill.Waterfalls;

/// <summary>Draws a span of time as blocks, to an eighth of a column.</summary>
internal static class Bar
{
    private const string Lefts = "▏▎▍▌▋▊▉█";

    /// <summary>Exactly <paramref name="width"/> columns. Something that took no time shows as a hairline; what lies outside is cut off.</summary>
    /// <param name="from">Begin, as a fraction of the whole.</param>
    /// <param name="to">End, as a fraction of the whole.</param>
    public static string Draw(double from, double to, int width)
    {
        int whole = width * 8;
        int begin = (int)Math.Clamp(Math.Round(from * whole), 0, whole - 1);
        int end = (int)Math.Clamp(Math.Round(to * whole), begin + 1, whole);
        return string.Create(width, (begin, end), static (cells, range) =>
        {
            for (int cell = 0; cell < cells.Length; cell++)
                cells[cell] = Cell(Math.Clamp(range.begin - cell * 8, 0, 8), Math.Clamp(range.end - cell * 8, 0, 8));
        });
    }

    // There are blocks that grow from the left in eighths, but from the right only a half and an eighth.
    private static char Cell(int begin, int end) => (begin, end) switch
    {
        _ when end <= begin => ' ',
        (0, _) => Lefts[end - 1],
        (_, 8) => begin <= 2 ? '█' : begin <= 6 ? '▐' : '▕',
        _ => begin + end < 8 ? Lefts[end - begin - 1] : '▐',
    };
}
