using System.Diagnostics;

namespace Waybill.Web;

/// <summary>The process about itself: memory, garbage collection, threads, processor time.</summary>
internal static class ProcessMetrics
{
    public static void Write(PrometheusText text)
    {
        using var process = Process.GetCurrentProcess();
        var memory = GC.GetGCMemoryInfo();
        text.Counter("process_cpu_seconds_total", "Processor time used, user and system.").Sample(Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Gauge("process_resident_memory_bytes", "Memory in RAM.").Sample(Environment.WorkingSet);
        text.Gauge("process_threads", "Threads of the process, native ones too.").Sample(process.Threads.Count);
        text.Gauge("process_open_fds", "Open file descriptors.").Sample(process.HandleCount);
        text.Gauge("process_start_time_seconds", "When the process began, in seconds since 1970.").Sample(new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1000.0);
        text.Gauge("dotnet_gc_heap_bytes", "Size of the managed heap after the last collection, fragments included.").Sample(memory.HeapSizeBytes);
        text.Gauge("dotnet_gc_committed_bytes", "Memory that the collector holds from the system.").Sample(memory.TotalCommittedBytes);
        text.Counter("dotnet_gc_allocated_bytes_total", "Bytes allocated on the managed heap.").Sample(GC.GetTotalAllocatedBytes());
        text.Counter("dotnet_gc_pause_seconds_total", "Time that collections stopped all threads.").Sample(GC.GetTotalPauseDuration().TotalSeconds);
        text.Counter("dotnet_gc_collections_total", "Collections, by the oldest generation collected.");
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
            text.Sample(GC.CollectionCount(generation), ("generation", generation.ToString()));
        text.Gauge("dotnet_threadpool_threads", "Threads of the pool.").Sample(ThreadPool.ThreadCount);
        text.Gauge("dotnet_threadpool_queue_length", "Work that waits for a thread of the pool.").Sample(ThreadPool.PendingWorkItemCount);
        text.Counter("dotnet_monitor_lock_contentions_total", "Times a lock was found taken.").Sample(Monitor.LockContentionCount);
    }
}
