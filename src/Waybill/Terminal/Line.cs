using Spectre.Console;
using Spectre.Console.Rendering;

namespace Waybill.Terminal;

/// <summary>One line of a terminal, in the making. It does not grow beyond its width; what comes after the edge is dropped.</summary>
internal sealed class Line(int width)
{
    // A column holds a letter and two marks, each of up to two UTF-16 units; the rest of a long text need not be looked at.
    private const int CharactersPerColumnMax = 6;

    private readonly List<Segment> _segments = [];

    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>Columns taken so far.</summary>
    public int Used { get; private set; }

    /// <summary>Columns left.</summary>
    public int Left => width - Used;

    /// <param name="text">Made visible here, whatever it is.</param>
    public Line Add(string? text, Style? style = null)
    {
        if (text is null) return this;
        int read = Math.Min(text.Length, CharactersPerColumnMax * Math.Max(Left, 0) + 1);
        string cut = Visible.Cut(Visible.Of(read == text.Length ? text : text[..read]), Left);
        if (cut.Length == 0) return this;
        Used += Visible.Width(cut);
        _segments.Add(style is null ? new Segment(cut) : new Segment(cut, style));
        return this;
    }

    /// <summary>Spaces up to a column.</summary>
    public Line To(int column) => column > Used ? Add(new string(' ', Math.Min(column, width) - Used)) : this;

    public override string ToString() => string.Concat(_segments.Select(segment => segment.Text));
}
