namespace Waybill.Query.Regexes;

/// <summary>A regular expression that RE2 accepts, and the .NET expression that means the same; or why RE2 does not.</summary>
/// <remarks>
/// The engine runs RE2, so no look-around and no back-references, and matching takes time linear in the text. Here <c>.</c> matches line ends.
/// In the .NET form a class of characters beyond U+FFFF by range matches every such character, and <c>\b</c> knows letters that are not ASCII.
/// </remarks>
/// <param name="Size">Instructions it compiles to, about.</param>
/// <param name="Error">Null when it is accepted.</param>
internal sealed record Re2(string DotNet, int Size, string? Error = null, int ErrorAt = 0, string? Hint = null)
{
    public static Re2 Read(string pattern)
    {
        var reader = new Re2Reader(pattern);
        int size = reader.Alternatives(0);
        if (reader.Error is null && !reader.AtEnd) reader.Fail("An unopened ) closes nothing.", "A parenthesis itself is written \\\\).");
        return reader.Error is null ? new Re2(reader.DotNet, size) : new Re2("", 0, reader.Error, reader.ErrorAt, reader.Hint);
    }
}
