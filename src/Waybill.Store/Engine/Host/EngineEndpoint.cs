using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Waybill.Blocks;

namespace Waybill.Engine.Host;

/// <summary>The ClickHouse HTTP interface over the library: reads, statements, and inserts with their data in the body.</summary>
internal sealed class EngineEndpoint(EngineHostOptions options, ConnectionPool pool, StatementCanceller canceller)
{
    /// <summary>Answers when the engine does, also while every connection is leased: a silent one hangs.</summary>
    public Task Ping(HttpContext context)
    {
        canceller.Probe();
        return context.Response.WriteAsync("Ok.\n");
    }

    public async Task Handle(HttpContext context)
    {
        try
        {
            var request = EngineRequest.Read(context.Request);
            context.Response.Headers["X-ClickHouse-Query-Id"] = request.QueryId;
            if (SqlText.TrySplitInsert(request.UrlQuery, out string into, out string format) && !request.ReadOnly)
                await Insert(context, request, into, format);
            else
                await Run(context, request);
        }
        catch (EngineException error) when (!context.Response.HasStarted)
        {
            await Drain(context);
            await Refuse(context, error);
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            await Refuse(context, error.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => TooLarge(),
                StatusCodes.Status408RequestTimeout => new EngineException(EngineError.SocketTimeout, "SOCKET_TIMEOUT", error.Message),
                _ => new EngineException(EngineError.BadArguments, "BAD_ARGUMENTS", error.Message),
            });
        }
        catch (Exception error) when (error is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: nobody to answer.
        }
    }

    private async Task Run(HttpContext context, EngineRequest request)
    {
        var cancel = context.RequestAborted;
        string body = await EngineRequest.ReadText(context.Request, options.SqlBytesMax, cancel);
        string sql = request.UrlQuery.Length == 0 ? body : body.Length == 0 ? request.UrlQuery : $"{request.UrlQuery}\n{body}";
        if (string.IsNullOrWhiteSpace(sql)) throw new EngineException(EngineError.SyntaxError, "SYNTAX_ERROR", "Empty query.");
        if (Encoding.UTF8.GetByteCount(sql) > options.SqlBytesMax) throw TooLarge();
        if (SqlText.HasInlineData(sql))
            throw new EngineException(EngineError.BadArguments, "BAD_ARGUMENTS", "Send 'INSERT ... FORMAT X' in the query parameter and its data as the body.");

        using var lease = await pool.Rent(SessionProfile.Create(options, request.ReadOnly, request.Database, request.Settings), cancel);
        if (request.ReadOnly) SqlText.RequireRead(sql, lease.Connection);

        string mark = $"waybill:{Guid.NewGuid():N}";
        string format = SqlText.Format(sql, request.Format);
        context.Response.Headers["X-ClickHouse-Format"] = format;
        await using (canceller.Watch(mark, cancel))
        using (var blocks = new BlockSource(lease, SqlText.Mark(sql, mark), format, request.Parameters, whole: !SqlText.IsStreamable(format)))
            await Answer(context, request, blocks);
    }

    /// <summary>Keeps blocks back until the answer is complete or grows past the bound, so that most answers have a true status and a final summary.</summary>
    private static async Task Answer(HttpContext context, EngineRequest request, BlockSource blocks)
    {
        var cancel = context.RequestAborted;
        var held = new ByteBuffer(1024);
        while (held.Length <= request.HoldBytes && blocks.Next())
        {
            cancel.ThrowIfCancellationRequested();
            held.Write(blocks.Block);
        }

        if (blocks.Error is { } early) throw EngineException.Parse(early);

        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.Headers["X-ClickHouse-Summary"] = Summary(blocks.Counts);
        if (blocks.Ended)
        {
            response.ContentLength = held.Length;
            await response.BodyWriter.WriteAsync(held.Memory, cancel);
            return;
        }

        string tag = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 16);
        response.Headers[ExceptionFrame.TagHeader] = tag;
        await response.BodyWriter.WriteAsync(held.Memory, cancel);
        while (blocks.Next())
        {
            response.BodyWriter.Write(blocks.Block);
            await response.BodyWriter.FlushAsync(cancel);
        }

        if (blocks.Error is { } late) await response.BodyWriter.WriteAsync(ExceptionFrame.Write(tag, late), cancel);
    }

    private async Task Insert(HttpContext context, EngineRequest request, string into, string format)
    {
        var cancel = context.RequestAborted;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = options.InsertBytesMax;
        if (request.Parameters.Count > 0)
            throw new EngineException(EngineError.NotImplemented, "NOT_IMPLEMENTED", "Parameters in an INSERT with data are not supported by the embedded engine.");

        var (token, settings) = DeduplicationToken.Take(request.Settings);
        using var lease = await pool.Rent(SessionProfile.Create(options, readOnly: false, request.Database, settings), cancel);
        using var insert = lease.Connection.StartInsert(into + token, format);
        if (insert.Error is { } refused) throw EngineException.Parse(refused);

        lease.Reusable = false;   // until the insert has ended by itself
        var reader = context.Request.BodyReader;
        bool taken = true;
        while (true)
        {
            var read = await reader.ReadAsync(cancel);
            foreach (var segment in read.Buffer) taken = taken && insert.Append(segment.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted || !taken) break;
        }

        using var result = insert.Finish();
        if (result.Error is { } failed) throw EngineException.Parse(failed);

        lease.Reusable = true;
        context.Response.Headers["X-ClickHouse-Summary"] = Summary(result.Counts);
        context.Response.ContentLength = 0;
    }

    // A client that still sends would find its connection closed and never read why: what remains of the body is read first.
    private static async Task Drain(HttpContext context)
    {
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // Over its bound, malformed, or the client is gone: Kestrel closes the connection after the answer.
        }
    }

    private EngineException TooLarge() => new(EngineError.QueryIsTooLarge, "QUERY_IS_TOO_LARGE",
        $"A statement is at most {options.SqlBytesMax} bytes, the data of an INSERT at most {options.InsertBytesMax}.");

    private static async Task Refuse(HttpContext context, EngineException error)
    {
        byte[] body = Encoding.UTF8.GetBytes(error.ToWire() + "\n");
        context.Response.StatusCode = EngineError.HttpStatus(error.Code);
        context.Response.Headers["X-ClickHouse-Exception-Code"] = error.Code.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers.Remove("X-ClickHouse-Summary");
        context.Response.ContentType = "text/plain; charset=UTF-8";
        context.Response.ContentLength = body.Length;
        if (error.Code == EngineError.TooManySimultaneousQueries) context.Response.Headers.RetryAfter = "1";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }

    // {"read_rows":"1","read_bytes":"8",...}: strings, because JavaScript's numbers end at 2^53.
    private static string Summary(EngineCounts counts)
    {
        var fields = new Dictionary<string, string>
        {
            ["read_rows"] = Text(counts.ReadRows),
            ["read_bytes"] = Text(counts.ReadBytes),
            ["written_rows"] = Text(counts.WrittenRows),
            ["written_bytes"] = Text(counts.WrittenBytes),
            ["result_rows"] = Text(counts.ResultRows),
            ["result_bytes"] = Text(counts.ResultBytes),
        };
        return JsonSerializer.Serialize(fields);

        static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);
    }
}
