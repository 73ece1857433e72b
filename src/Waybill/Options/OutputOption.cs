using System.CommandLine;

namespace Waybill.Options;

/// <summary><c>--output</c>, on every command. The default does not depend on where the output goes, so a script sees what a person sees.</summary>
internal static class OutputOption
{
    public static readonly Option<string> Value = Create();

    public static bool IsJson(this ParseResult parsed) => parsed.GetValue(Value) == "json";

    private static Option<string> Create()
    {
        var option = new Option<string>("--output", "-o")
        {
            Description = "json for programs, table for people.",
            DefaultValueFactory = _ => "table",
            Recursive = true,
        };
        option.AcceptOnlyFromAmong("json", "table");
        return option;
    }
}
