using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Waybill.Engine.Host;

/// <summary>
/// Ends this process when the one that started it is gone. The parent holds the other end of standard input and never writes: it ends
/// when the parent does, however it dies. The parent's id is looked at too, in case someone else inherited that end.
/// </summary>
internal static partial class ParentWatch
{
    public static void Start(int parentProcessId)
    {
        new Thread(WaitForEnd) { IsBackground = true, Name = "parent watch (stdin)" }.Start();
        new Thread(() =>
        {
            while (getppid() == parentProcessId) Thread.Sleep(500);
            Leave();
        })
        { IsBackground = true, Name = "parent watch (pid)" }.Start();
    }

    private static void WaitForEnd()
    {
        using var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        byte[] ignored = new byte[256];
        try
        {
            while (input.Read(ignored) > 0) { }
        }
        catch (IOException)
        {
            // A broken pipe is an ended pipe.
        }

        Leave();
    }

    // Not Environment.Exit: with the parent gone nobody waits for an orderly end, and what was acknowledged is on disk.
    private static void Leave() => _exit(3);

    [LibraryImport("libc")] private static partial int getppid();
    [LibraryImport("libc")] private static partial void _exit(int code);
}
