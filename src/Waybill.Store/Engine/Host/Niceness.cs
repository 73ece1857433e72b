using System.Globalization;
using System.Runtime.InteropServices;

namespace Waybill.Engine.Host;

/// <summary>How far this process gives way to others that want the processor, see nice(2).</summary>
internal static partial class Niceness
{
    private const int OfOneThread = 0 /* PRIO_PROCESS */, Most = 19;

    /// <summary>Adds to the niceness of every thread; threads they start later have it too. Linux keeps it per thread.</summary>
    public static void Add(int niceness)
    {
        int wanted = Math.Min(Most, getpriority(OfOneThread, 0) + niceness);
        bool found = true;
        while (found)
        {
            found = false;
            foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
            {
                uint thread = uint.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture);
                // A thread that ends meanwhile cannot be set, and need not be.
                if (getpriority(OfOneThread, thread) < wanted) found |= setpriority(OfOneThread, thread, wanted) == 0;
            }
        }
    }

    [LibraryImport("libc")] private static partial int getpriority(int which, uint who);
    [LibraryImport("libc")] private static partial int setpriority(int which, uint who, int niceness);
}
