using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Waybill.Engine.Host;

/// <summary>
/// Keeps the .NET runtime's signal handlers while libchdb is loaded. The library takes eight fatal signals, and SIGRTMIN, which the
/// runtime uses to stop threads for a collection: without its handler a tight managed loop hangs the collector for ever.
/// </summary>
internal sealed unsafe partial class SignalHandlers
{
    // ILL TRAP ABRT BUS FPE SEGV TSTP SYS RTMIN, the ones libchdb 26.7 replaces.
    private static readonly int[] Taken = [4, 5, 6, 7, 8, 11, 20, 31, 34];

    // sizeof(struct sigaction) on x86-64 glibc: handler 8, mask 128, flags 4 + 4, restorer 8.
    private const int SigactionBytes = 152;

    private readonly byte[] _saved = new byte[Taken.Length * SigactionBytes];

    private SignalHandlers() => ReadAll(_saved);

    /// <summary>Remembers the handlers as they are: the runtime's, before the library is first called.</summary>
    public static SignalHandlers Save() => new();

    /// <summary>Puts back every handler that was replaced since <see cref="Save"/>.</summary>
    /// <returns>The signals that had been taken.</returns>
    public IReadOnlyList<int> Restore()
    {
        List<int> restored = [];
        Span<byte> now = stackalloc byte[SigactionBytes];
        for (int i = 0; i < Taken.Length; i++)
        {
            var saved = _saved.AsSpan(i * SigactionBytes, SigactionBytes);
            Read(Taken[i], now);
            if (SameHandler(now, saved)) continue;

            fixed (byte* action = saved)
                if (sigaction(Taken[i], action, null) != 0) throw new InvalidOperationException($"Signal {Taken[i]} could not be given back to the runtime (errno {Marshal.GetLastPInvokeError()}).");
            restored.Add(Taken[i]);
        }

        return restored;
    }

    // struct sigaction of glibc: handler at 0, mask at 8, flags at 136. The kernel fills 8 of the mask's 128 bytes, the rest is whatever
    // was on glibc's stack; SA_RESTORER is glibc's own and no difference.
    private static bool SameHandler(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => a[..16].SequenceEqual(b[..16]) && Flags(a) == Flags(b);

    private static uint Flags(ReadOnlySpan<byte> action) => BinaryPrimitives.ReadUInt32LittleEndian(action[136..]) & ~0x04000000u;

    private static void ReadAll(Span<byte> target)
    {
        for (int i = 0; i < Taken.Length; i++) Read(Taken[i], target.Slice(i * SigactionBytes, SigactionBytes));
    }

    private static void Read(int signal, Span<byte> target)
    {
        target.Clear();
        fixed (byte* action = target)
            if (sigaction(signal, null, action) != 0) throw new InvalidOperationException($"The handler of signal {signal} cannot be read (errno {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", SetLastError = true)] private static partial int sigaction(int signal, byte* action, byte* previous);
}
