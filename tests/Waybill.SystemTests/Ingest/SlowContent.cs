using System.Net;

namespace Waybill.Ingest;

/// <summary>A body sent in pieces of one byte, without a length.</summary>
internal sealed class Dripping(byte[] body) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        foreach (byte b in body)
        {
            await stream.WriteAsync(new[] { b });
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>A body that begins, and goes on only when it is released (or disposed).</summary>
internal sealed class Stalled(byte[] beginning, byte[]? end = null, long? length = null) : HttpContent
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _released.TrySetResult();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(beginning);
        await stream.FlushAsync();
        await _released.Task;
        await stream.WriteAsync(end ?? []);
    }

    protected override bool TryComputeLength(out long bytes)
    {
        bytes = length ?? 0;
        return length is not null;
    }

    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }
}
