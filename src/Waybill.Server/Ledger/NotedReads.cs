using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Waybill.Ingest;
using Waybill.Web;

namespace Waybill.Ledger;

/// <summary>
/// Notes every request on the console's port in the ledger, before the first byte of its answer leaves: who, what, which ids or query, from where, with what
/// outcome. Equal reads of one actor within a minute are one entry at once and one more with their count, so that a page that refreshes itself is two lines.
/// </summary>
public sealed class NotedReads(LedgerLoop ledger, TimeProvider clock) : BackgroundService
{
    private const int KindsMax = 10_000;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1), Sweep = TimeSpan.FromSeconds(10);
    private static readonly object NotedKey = new(), ConcealedKey = new();

    private readonly ConcurrentDictionary<Kind, Repeats> _recent = new();

    private readonly record struct Kind(string Tenant, Actor Actor, string Action, string Resource, string Query, int Status);

    private sealed class Repeats(LedgerEntry first)
    {
        public LedgerEntry First { get; } = first;
        public long More;
        public long LastUnixNano;
    }

    /// <summary>Says that the request needs no entry any more: its act was recorded.</summary>
    internal static void IsNoted(HttpContext http) => http.Items[NotedKey] = true;

    /// <summary>Keeps a person's name out of the entry of a question about them.</summary>
    internal static void Conceal(HttpContext http, string name, string by) => http.Items[ConcealedKey] = (name, by);

    private static string Concealed(HttpContext http, string text) =>
        http.Items.TryGetValue(ConcealedKey, out object? pair) && pair is (string name, string by) ? text.Replace(name, by, StringComparison.Ordinal).Replace(Uri.EscapeDataString(name), by, StringComparison.OrdinalIgnoreCase) : text;

    /// <summary>Completes when the read has its place in the ledger's queue.</summary>
    internal async Task Note(HttpContext http, RouteEndpoint endpoint)
    {
        if (http.Items.ContainsKey(NotedKey)) return;
        LedgerEntry entry = ReadOf(http, endpoint, ledger.NowUnixNano, out string query);
        var kind = new Kind(entry.Tenant, entry.Actor, entry.Action, entry.Resource, query, http.Response.StatusCode);
        if (_recent.TryGetValue(kind, out Repeats? repeats) && entry.TimeUnixNano - repeats.First.TimeUnixNano < Window.Ticks * 100)
        {
            Interlocked.Increment(ref repeats.More);
            repeats.LastUnixNano = entry.TimeUnixNano;
            return;
        }
        if (repeats is not null && _recent.TryRemove(new KeyValuePair<Kind, Repeats>(kind, repeats))) await NoteRepeats(repeats);
        if (_recent.Count < KindsMax) _recent.TryAdd(kind, new Repeats(entry));   // beyond it each read has an entry of its own
        await ledger.Note(entry, CancellationToken.None);
    }

    private static LedgerEntry ReadOf(HttpContext http, RouteEndpoint endpoint, long now, out string query)
    {
        // Pages ask again with a moved range: the same question.
        query = string.Join('&', http.Request.Query.Where(pair => pair.Key is not ("since" or "until" or "start" or "end")).Select(pair => $"{pair.Key}={Concealed(http, pair.Value.ToString())}"));
        ReadMetadata? named = endpoint.Metadata.GetMetadata<ReadMetadata>();
        string[] path = (endpoint.RoutePattern.RawText ?? "").TrimStart('/').Split('/');
        string action = named?.Action ?? $"{(path is ["api", var room, ..] ? room : path[0])}.{(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) ? "read" : http.Request.Method.ToLowerInvariant())}";
        string resource = named?.RouteValue is { } name ? $"{http.Request.RouteValues[name]}"
            : http.Request.RouteValues.Count > 0 ? string.Join('/', endpoint.RoutePattern.Parameters.Select(part => http.Request.RouteValues[part.Name]))
            : http.Request.Query["q"].ToString() is { Length: > 0 } q ? q : http.Request.Query["query"].ToString() is { Length: > 0 } asked ? asked : http.Request.Path.ToString();
        string? trace = Batches.TraceId.TryParse(resource, out _) ? resource.ToLowerInvariant() : http.Request.Query["trace"].ToString() is { } of && Batches.TraceId.TryParse(of, out _) ? of.ToLowerInvariant() : null;
        int status = http.Response.StatusCode;
        string outcome = status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden ? "refused" : status >= 400 ? "failed" : "done";
        return new LedgerEntry(now, http.Tenant(), http.Actor(), action, resource, outcome, trace,
            JsonSerializer.SerializeToElement(new { path = http.Request.Path.ToString(), query = Concealed(http, http.Request.QueryString.ToString()), status }, JsonSerializerOptions.Web));
    }

    private async ValueTask NoteRepeats(Repeats repeats)
    {
        if (repeats.More == 0) return;
        await ledger.Note(repeats.First with
        {
            TimeUnixNano = repeats.LastUnixNano,
            Detail = JsonSerializer.SerializeToElement(new { repeated = repeats.More, sinceUnixNano = $"{repeats.First.TimeUnixNano}", first = repeats.First.Detail }, JsonSerializerOptions.Web),
        }, CancellationToken.None);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Sweep, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await Forget(clock.UnixNano() - Window.Ticks * 100);
        }
        catch (OperationCanceledException)
        {
            await Forget(long.MaxValue);
        }
    }

    private async Task Forget(long beforeUnixNano)
    {
        foreach (var pair in _recent)
            if (pair.Value.First.TimeUnixNano < beforeUnixNano && _recent.TryRemove(pair)) await NoteRepeats(pair.Value);
    }
}

/// <summary>How a read is called in the ledger.</summary>
/// <param name="RouteValue">The part of the path that says what was read; null for all of them.</param>
internal sealed record ReadMetadata(string? Action, string? RouteValue, bool IsNoted = true);

public static class ReadNoting
{
    /// <summary>Names a read, and the part of its path that is what was read.</summary>
    public static T ReadAs<T>(this T endpoint, string action, string? routeValue = null) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new ReadMetadata(action, routeValue));

    /// <summary>The endpoint holds nobody's data: reading it is not written down. A test lists them all.</summary>
    public static T NotNoted<T>(this T endpoint) where T : IEndpointConventionBuilder => endpoint.WithMetadata(new ReadMetadata(null, null, IsNoted: false));

    internal static bool IsNoted(RouteEndpoint endpoint) => (endpoint.Metadata.GetMetadata<ListenerFeature>()?.Listener ?? Listener.Console) == Listener.Console
        && endpoint.Metadata.GetMetadata<ReadMetadata>() is not { IsNoted: false };

    /// <summary>Behind routing and before anyone may refuse: a refused read is noted too.</summary>
    internal static void UseNotedReads(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        if (http.GetEndpoint() is RouteEndpoint endpoint && http.Listener() == Listener.Console && IsNoted(endpoint))
        {
            var reads = http.RequestServices.GetRequiredService<NotedReads>();
            http.Response.OnStarting(() => reads.Note(http, endpoint));
        }
        return next(http);
    });
}
