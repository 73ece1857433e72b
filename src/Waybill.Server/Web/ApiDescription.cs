using System.Globalization;
using Microsoft.AspNetCore.Builder;

namespace Waybill.Web;

/// <summary>A parameter as the OpenAPI document describes it. Endpoints read theirs by hand, to answer a wrong one with its fix.</summary>
/// <param name="Type">JSON type: string, integer, number or boolean.</param>
/// <param name="Default">What a missing one means; null when it has no default.</param>
internal sealed record ApiParameter(string Name, string Type, string Description)
{
    public string? Default { get; init; }
    public long? Minimum { get; init; }
    public long? Maximum { get; init; }
    public IReadOnlyList<string> Values { get; init; } = [];
    public bool Required { get; init; }
    /// <summary>May stand in the query more than once.</summary>
    public bool Repeated { get; init; }
    /// <summary>It is a part of the path, not of the query.</summary>
    public bool InPath { get; init; }
}

/// <summary>Another type of answer than JSON, such as a stream of events.</summary>
internal sealed record ApiContent(string MediaType, string Description);

/// <summary>Says of an endpoint what the OpenAPI document shall say: see <c>api/openapi.json</c>. Declarations only; nothing here reads a request.</summary>
public static class ApiDescription
{
    /// <summary>A text of the query.</summary>
    public static T WithText<T>(this T endpoint, string name, string description, string? otherwise = null, bool required = false, bool repeated = false) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ApiParameter(name, "string", description) { Default = otherwise, Required = required, Repeated = repeated });

    /// <summary>A whole number of the query, within bounds.</summary>
    public static T WithNumber<T>(this T endpoint, string name, string description, long min, long max, long? otherwise = null, bool required = false) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ApiParameter(name, "integer", description) { Minimum = min, Maximum = max, Default = otherwise?.ToString(CultureInfo.InvariantCulture), Required = required });

    /// <summary>One word of several; the first is the default.</summary>
    public static T WithChoice<T>(this T endpoint, string name, string description, params string[] values) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ApiParameter(name, "string", description) { Values = values, Default = values[0] });

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static T WithFlag<T>(this T endpoint, string name, string description, bool? otherwise = null) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ApiParameter(name, "boolean", description) { Default = otherwise is { } value ? value ? "true" : "false" : null });

    /// <summary><c>since</c> and <c>until</c>, as <see cref="TimeRange.Read"/> takes them.</summary>
    public static T WithTimeRange<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint
        .WithText("since", "Begin, inclusive: RFC 3339, Unix seconds, milliseconds or nanoseconds, or a time ago such as 15m, 1h30m, 7d. Default: an hour before until.")
        .WithText("until", "End, exclusive, in the same forms. Default: now.");

    /// <summary>A part of the path; without it a part is a text without a description.</summary>
    public static T WithPath<T>(this T endpoint, string name, string description) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ApiParameter(name, "string", description) { InPath = true, Required = true });

    /// <summary>The answer is not JSON.</summary>
    public static T AnswersWith<T>(this T endpoint, string mediaType, string description) where T : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new ApiContent(mediaType, description));
}
