using System.CommandLine;
using System.Globalization;

namespace Waybill.Options;

/// <summary><c>--limit</c>: how many to list. The server says what is too many, unless a command pages by itself.</summary>
internal static class LimitOption
{
    public static Option<int> Create(string description, int otherwise, int? max = null)
    {
        var limit = new Option<int>("--limit") { Description = description, DefaultValueFactory = _ => otherwise, HelpName = "N" };
        if (max is { } most)
            limit.Validators.Add(option =>
            {
                if (option.GetValueOrDefault<int>() < 1 || option.GetValueOrDefault<int>() > most) option.AddError($"--limit is from 1 to {most}.");
            });
        return limit;
    }

    public static UrlQuery AddLimit(this UrlQuery query, ParseResult parsed, Option<int> limit) => query.Add("limit", parsed.GetValue(limit).ToString(CultureInfo.InvariantCulture));
}
