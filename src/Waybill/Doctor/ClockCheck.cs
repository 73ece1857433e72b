using System.Runtime.InteropServices;

namespace Waybill.Doctor;

/// <summary>Whether the clock runs evenly and is synchronised: spans of machines with different clocks do not fit into each other.</summary>
internal static partial class ClockCheck
{
    private static readonly TimeSpan Watched = TimeSpan.FromMilliseconds(250);
    private const double JumpMilliseconds = 20;
    private const int TimeError = 5, StatusUnsynchronised = 0x40;   // TIME_ERROR, STA_UNSYNC of <sys/timex.h>

    public static async Task<IReadOnlyList<Finding>> Examine(CancellationToken cancel)
    {
        long monotonic = TimeProvider.System.GetTimestamp();
        DateTimeOffset wall = TimeProvider.System.GetUtcNow();
        await Task.Delay(Watched, cancel);
        double drift = (TimeProvider.System.GetUtcNow() - wall - TimeProvider.System.GetElapsedTime(monotonic)).TotalMilliseconds;
        return
        [
            Math.Abs(drift) < JumpMilliseconds ? Finding.Ok("clock", $"runs evenly ({Math.Abs(drift):0.0} ms against the monotonic clock in {Watched.TotalMilliseconds:0} ms)")
                : Finding.Warn("clock", $"jumped by {drift:0} ms in {Watched.TotalMilliseconds:0} ms", "let one NTP service slew the clock (chrony, systemd-timesyncd); turn off the others"),
            Synchronisation(),
        ];
    }

    private static Finding Synchronisation()
    {
        if (!OperatingSystem.IsLinux()) return Finding.Ok("clock", "synchronisation is unknown on this system");
        // struct timex is 208 bytes on 64-bit Linux: modes (int, 0: only read) at 0, offset at 8, maxerror at 24, status (int) at 40.
        Span<byte> timex = stackalloc byte[208];
        timex.Clear();
        int state = adjtimex(ref MemoryMarshal.GetReference(timex));
        if (state < 0) return Finding.Ok("clock", "synchronisation is unknown: the system does not tell (a container?)");
        bool unsynchronised = state == TimeError || (BitConverter.ToInt32(timex[40..]) & StatusUnsynchronised) != 0;
        double errorMilliseconds = BitConverter.ToInt64(timex[24..]) / 1000.0;
        return unsynchronised
            ? Finding.Warn("clock", "is not synchronised, as far as this system knows", "start NTP (timedatectl set-ntp true); in a container or virtual machine the host may do it, then all is well")
            : Finding.Ok("clock", $"is synchronised, off by at most {errorMilliseconds:0.0} ms");
    }

    [LibraryImport("libc", SetLastError = true)] private static partial int adjtimex(ref byte timex);
}
