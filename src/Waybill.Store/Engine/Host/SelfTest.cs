using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Waybill.Engine.Host;

/// <summary>Proves that the runtime still owns its signals with the library loaded: faults become exceptions and a collection stops a tight loop.</summary>
internal static partial class SelfTest
{
    /// <summary>How a parent sees the end by SIGALRM: the library holds the runtime's signal 34.</summary>
    public const int HungExitCode = 128 + 14;

    // Healthy collections take under 5 ms; the rest is for a machine that is very busy.
    private const uint SecondsMax = 15;

    private static volatile bool s_spinning;
    private static volatile bool s_stop;

    /// <param name="faults">NullReferenceExceptions to raise and catch.</param>
    /// <param name="collections">Collections to run against a loop without safe points.</param>
    /// <exception cref="EngineStartException">A fault was not caught. Collections that hang end the process by SIGALRM, <see cref="HungExitCode"/>.</exception>
    public static void Run(int faults, int collections)
    {
        int caught = 0;
        for (int i = 0; i < faults; i++)
        {
            try
            {
                _ = Length(null);
            }
            catch (NullReferenceException)
            {
                caught++;
            }
        }

        if (caught != faults) throw new EngineStartException($"With the engine's library loaded, {faults - caught} of {faults} faults were not caught.");

        // A collection that cannot stop the loop holds every managed thread, this one too: only the kernel can end the process then.
        _ = alarm(SecondsMax);
        var spinner = new Thread(Spin) { IsBackground = true, Name = "engine self-test" };
        spinner.Start();
        while (!s_spinning) Thread.Sleep(1);
        for (int i = 0; i < collections; i++) GC.Collect();
        s_stop = true;
        spinner.Join();
        _ = alarm(0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Length(string? text) => text!.Length;

    // The volatile read is no call and no safe point: only the runtime's signal can stop this loop.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spin()
    {
        s_spinning = true;
        while (!s_stop) { }
    }

    [LibraryImport("libc")] private static partial uint alarm(uint seconds);
}
