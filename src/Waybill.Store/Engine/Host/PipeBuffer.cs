using System.IO.Pipelines;
using Waybill.Blocks;

namespace Waybill.Engine.Host;

/// <summary>The held-back beginning of an answer.</summary>
internal sealed class PipeBuffer
{
    private readonly ByteBuffer _bytes = new(1024);

    public long Length => _bytes.Length;

    /// <returns>The bytes held.</returns>
    public long Write(ReadOnlySpan<byte> block)
    {
        _bytes.Write(block);
        return _bytes.Length;
    }

    public async ValueTask CopyTo(PipeWriter target, CancellationToken cancel) => await target.WriteAsync(_bytes.Memory, cancel);
}
