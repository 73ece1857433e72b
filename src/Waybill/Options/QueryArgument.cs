using System.CommandLine;
using Waybill.Query;
using Waybill.Query.Diagnostics;
using Waybill.Query.Syntax;
using Waybill.Terminal;

namespace Waybill.Options;

/// <summary>A TraceQL query on the command line. It is read here already: an error needs no server, and is told with a caret under its place.</summary>
internal static class QueryArgument
{
    public static Argument<string> Create(string example) => new("query") { Description = $"TraceQL, in single quotes for the shell: '{example}'" };

    /// <returns>Null when it is not a query; what is wrong is on standard error then.</returns>
    public static TraceQuery? Read(string text)
    {
        var result = TraceQl.Parse(text);
        IsRead(text, result);
        return result.Query;
    }

    /// <summary>Whether it could be read; what is wrong is on standard error.</summary>
    public static bool IsRead<T>(string text, QueryResult<T> result) where T : Node
    {
        foreach (Diagnostic item in result.Diagnostics)
            foreach (string line in DiagnosticText.Of(text, item).TrimEnd('\n').Split('\n')) Console.Error.WriteLine(Visible.Of(line));
        return result.IsValid;
    }

    /// <summary>The query is one for another command.</summary>
    public static int Wrong(string problem, string command)
    {
        Console.Error.WriteLine($"waybill: {problem} Ask '{command}'.");
        return ExitCode.Usage;
    }
}
