using System.Text;
using System.Text.RegularExpressions;
using Waybill.Query.Syntax;

namespace Waybill.Query;

/// <summary>Queries of every shape whose names and texts try to be something else: SQL, a placeholder, a comment, another statement.</summary>
public sealed partial class HostileQueries(Random random)
{
    /// <summary>Stands in every hostile name and text: where it turns up, text of a query has got out.</summary>
    public const string Mark = "zq7hostile";

    private static readonly string[] Pieces =
    [
        "'", "''", "\"", "`", "\\", "\\'", "\\\\'", "\\x27", "\0", "\n", "\r\n", "\t", "\u2028", "\u202e", "é", "😀", ";", "--", "-- ", "/*", "*/", "#", "#!", "(", ")", "[", "]", "{", "}", "%27", "${x}", "$$", "@@",
        "{p_0:String}", "{p_1:Int64}", "{tenant:String}", "{x:T}", "{since:DateTime64(9, 'UTC')}", "{}", "{{", "') OR 1 = 1", "' OR tenant != '", ") OR (1", " OR 1 = 1 -- ", "')) UNION ALL SELECT ", "; DROP TABLE spans", "; SELECT 1",
        " SETTINGS readonly = 0", " INTO OUTFILE '/tmp/waybill-hostile'", " FORMAT Null", "file('/etc/passwd')", "url('http://127.0.0.1:9/')", "remote('127.0.0.1', system.one)", "executable('id')", "getSetting('x')", "unhex('27')",
        "additional_table_filters", "system.tables", "1", "0x", "1e999", "NaN", "NULL", "true", "tenant", "trace_id", "attributes", "s:", "i:", "__", "0af7651916cd43dd8448eb211c80319c",
    ];

    private readonly QueryGenerator _queries = new(random);

    /// <summary>A name or a text.</summary>
    public string Text()
    {
        var text = new StringBuilder();
        int at = random.Next(4), pieces = 1 + random.Next(4);
        for (int i = 0; i < pieces; i++)
        {
            if (i == Math.Min(at, pieces - 1)) text.Append(Mark);
            text.Append(Pieces[random.Next(Pieces.Length)]);
        }
        return text.ToString();
    }

    public string Search() => Twisted(_queries.Search().ToString());

    public string Metrics() => Twisted(_queries.Metrics().ToString());

    /// <summary>A filter of log records.</summary>
    public string Logs()
    {
        string[] fields = ["log", "resource", "instrumentation", ""], own = ["body", "severityText", "service", "eventName", "trace:id", "span:id"], operators = ["=", "!=", "=~", "!~", ">", "<="];
        string One() => $"{(random.Next(3) == 0 ? own[random.Next(own.Length)] : $"{fields[random.Next(fields.Length)]}.{Quoted(Text())}")} {operators[random.Next(operators.Length)]} {Quoted(Text())}";
        return $"{{ {string.Join(random.Next(2) == 0 ? " && " : " || ", Enumerable.Range(0, 1 + random.Next(3)).Select(_ => One()))} }}";
    }

    public AttributeReference Field() => new((AttributeScope)random.Next((int)AttributeScope.Instrumentation + 1), Text());

    /// <summary>The language's own spelling of a text: what it cannot spell, it must refuse.</summary>
    public static string Quoted(string text) => new Literal(Static.Of(text)).ToString();

    // The generator's own names and texts, as it prints them, give way to hostile ones.
    private string Twisted(string query) => Name().Replace(Constant().Replace(query, found => random.Next(3) == 0 ? found.Value : Quoted(Text())),
        found => random.Next(3) == 0 ? found.Value : $"{found.Groups[1].Value}.{Quoted(Text())}");

    [GeneratedRegex("""(?<![\w"])(span|resource|event|link|instrumentation|)\.(?:text|num|real|flag|any|list|k|http\.request\.method|http\.response\.status_code|error\.type|"with space")(?![\w.])""")]
    private static partial Regex Name();

    [GeneratedRegex("""(?<![.\w])"(?:[^"\\]|\\.)*"|`[^`]*`""")] private static partial Regex Constant();
}
