namespace Waybill.Engine;

/// <summary>The answer of one read. Dispose it to free its connection; disposing before the end cancels the statement.</summary>
public sealed class EngineResponse : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;

    internal EngineResponse(HttpResponseMessage response, Stream body)
    {
        _response = response;
        string? tag = Header(response, ExceptionFrame.TagHeader);
        Body = new ExceptionAwareStream(body, tag);
        Summary = EngineSummary.Parse(Header(response, "X-ClickHouse-Summary"));
        QueryId = Header(response, "X-ClickHouse-Query-Id") ?? "";
    }

    /// <summary>The rows, as Native blocks unless the statement names a format.</summary>
    /// <remarks>A read throws <see cref="EngineException"/> when the statement fails on the way or the connection breaks; bytes before that are part of no whole answer.</remarks>
    public Stream Body { get; }

    public EngineSummary Summary { get; }

    public string QueryId { get; }

    internal static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    public async ValueTask DisposeAsync()
    {
        await Body.DisposeAsync();
        _response.Dispose();
    }
}
