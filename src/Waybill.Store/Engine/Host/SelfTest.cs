using System.Runtime.CompilerServices;

namespace Waybill.Engine.Host;

/// <summary>Proves that the runtime still owns its signals with the library loaded: faults become exceptions and a collection stops a tight loop.</summary>
internal static class SelfTest
{
    private static volatile bool s_stop;

    /// <param name="faults">NullReferenceExceptions to raise and catch.</param>
    /// <param name="collections">Collections to run against a loop without safe points.</param>
    /// <exception cref="EngineStartException">A fault was not caught, or a collection took over five seconds.</exception>
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

        s_stop = false;
        var spinner = new Thread(Spin) { IsBackground = true, Name = "engine self-test" };
        var collector = new Thread(() =>
        {
            for (int i = 0; i < collections; i++) GC.Collect();
        })
        { IsBackground = true, Name = "engine self-test" };
        spinner.Start();
        collector.Start();
        bool collected = collector.Join(TimeSpan.FromSeconds(5));
        s_stop = true;
        if (!collected) throw new EngineStartException("With the engine's library loaded, the runtime cannot stop its threads for a collection: the library holds signal 34.");
        spinner.Join();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Length(string? text) => text!.Length;

    // The volatile read is no call and no safe point: only the runtime's signal can stop this loop.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Spin()
    {
        while (!s_stop) { }
    }
}
