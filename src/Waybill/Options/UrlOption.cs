using System.CommandLine;

namespace Waybill.Options;

/// <summary>Options that take an http or https URL.</summary>
internal static class UrlOption
{
    public static Option<Uri> Create(string name, string description, Func<Uri> otherwise, params string[] aliases) => new(name, aliases)
    {
        Description = description,
        HelpName = "URL",
        DefaultValueFactory = _ => otherwise(),
        CustomParser = argument =>
        {
            string text = argument.Tokens[0].Value;
            if (TryRead(text) is { } url) return url;
            argument.AddError($"{name} '{text}' is not a URL. It looks like {otherwise().GetLeftPart(UriPartial.Authority)}.");
            return null;
        },
    };

    /// <summary>Null when it is not such a URL.</summary>
    public static Uri? TryRead(string? text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url : null;
}
