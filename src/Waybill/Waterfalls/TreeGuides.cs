using System.Text;

namespace Waybill.Waterfalls;

/// <summary>The lines of the tree, two columns a level. The root has none.</summary>
internal static class TreeGuides
{
    /// <summary>Before a span's name: <c>│ ├╴</c>.</summary>
    /// <param name="followed">For each level, outermost first, whether the line runs on below; the last is the span's own.</param>
    /// <param name="levelsMax">More levels than these become a number, the innermost stay.</param>
    public static string Before(ReadOnlySpan<bool> followed, int levelsMax)
    {
        if (followed.Length == 1) return "";
        StringBuilder guides = Outer(followed, levelsMax);
        return guides.Append(followed[^1] ? "├╴" : "└╴").ToString();
    }

    /// <summary>Before a line about a span, such as its error: the line to its children runs through.</summary>
    public static string Under(ReadOnlySpan<bool> followed, int levelsMax, bool hasChildren)
    {
        StringBuilder guides = Outer(followed, levelsMax);
        if (followed.Length > 1) guides.Append(followed[^1] ? "│ " : "  ");
        return guides.Append(hasChildren ? "│ " : "  ").ToString();
    }

    private static StringBuilder Outer(ReadOnlySpan<bool> followed, int levelsMax)
    {
        var guides = new StringBuilder();
        int first = Math.Max(1, followed.Length - levelsMax);
        if (first > 1) guides.Append('·').Append(first).Append(' ');
        for (int level = first; level < followed.Length - 1; level++) guides.Append(followed[level] ? "│ " : "  ");
        return guides;
    }
}
