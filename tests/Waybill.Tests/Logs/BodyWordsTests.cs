using System.Text;

namespace Waybill.Logs;

public sealed class BodyWordsTests
{
    [Theory]
    [InlineData("card declined", " AND (hasToken(lower(body), {w0:String})) AND (hasToken(lower(body), {w1:String}))", "card|declined")]
    [InlineData("Card", " AND (hasToken(lower(body), {w0:String}))", "card")]
    [InlineData("\"card declined\"", " AND (hasToken(lower(body), {w0:String}) AND hasToken(lower(body), {w1:String}) AND positionCaseInsensitiveUTF8(body, {w2:String}) > 0)", "card|declined|card declined")]
    [InlineData("user-17", " AND (hasToken(lower(body), {w0:String}) AND hasToken(lower(body), {w1:String}) AND positionCaseInsensitiveUTF8(body, {w2:String}) > 0)", "user|17|user-17")]
    [InlineData("-timeout", " AND NOT (hasToken(lower(body), {w0:String}))", "timeout")]
    [InlineData("größe", " AND (positionCaseInsensitiveUTF8(body, {w0:String}) > 0)", "größe")]
    [InlineData("  ", "", "")]
    public void Words_become_conditions_with_bound_values(string text, string expected, string values)
    {
        Assert.Null(BodyWords.Parse(text, out BodyWords words));
        var sql = new StringBuilder();
        List<KeyValuePair<string, string>> parameters = [];
        words.AddTo(sql, parameters);
        Assert.Equal(expected, sql.ToString());
        Assert.Equal(values, string.Join('|', parameters.Select(parameter => parameter.Value)));
    }

    [Theory]
    [InlineData("a \"b", "The quote at position 3 is not closed")]
    [InlineData("a b c d e f g h i j k l m n o p q r s t u", "It has 21 words and phrases, at most 20")]
    public void What_cannot_be_read_says_why(string text, string message) => Assert.StartsWith(message, BodyWords.Parse(text, out _), StringComparison.Ordinal);
}
