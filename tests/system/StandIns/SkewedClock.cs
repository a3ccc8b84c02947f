using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.SystemTests.StandIns;

/// <summary>
/// A wall clock that is wrong for one process and all that it starts, as on a machine whose clock nobody sets: a few lines
/// of C between the program and its C library. Everything in there is deceived, the runtime and Orleans too; elapsed time is
/// not. Linux with glibc only.
/// </summary>
internal static class SkewedClock
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <time.h>
        static long skew(void) { const char *s = getenv("ORCHESTRATOR_TEST_SKEW"); return s ? atol(s) : 0; }
        int clock_gettime(clockid_t id, struct timespec *at) {
          static int (*real)(clockid_t, struct timespec *);
          if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
          int answer = real(id, at);
          if (!answer && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) at->tv_sec += skew();
          return answer;
        }
        int gettimeofday(struct timeval *restrict at, void *restrict zone) {
          static int (*real)(struct timeval *, void *);
          if (!real) real = dlsym(RTLD_NEXT, "gettimeofday");
          int answer = real(at, zone);
          if (!answer && at) at->tv_sec += skew();
          return answer;
        }
        time_t time(time_t *to) {
          struct timespec at;
          clock_gettime(CLOCK_REALTIME, &at);
          if (to) *to = at.tv_sec;
          return at.tv_sec;
        }
        """;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<string>> Library = new(MakeAsync);

    /// <summary>Variables that put a process' clock so far ahead; negative = behind.</summary>
    public static async Task<Dictionary<string, string>> ByAsync(TimeSpan ahead) =>
        new(StringComparer.Ordinal)
        {
            ["LD_PRELOAD"] = await Library.Value,
            ["ORCHESTRATOR_TEST_SKEW"] = ((long)ahead.TotalSeconds).ToString(
                CultureInfo.InvariantCulture
            ),
        };

    private static async Task<string> MakeAsync()
    {
        var folder = SiloProcess.NewFolder();
        var source = Path.Combine(folder, "skew.c");
        var library = Path.Combine(folder, "skew.so");
        await File.WriteAllTextAsync(source, Source);
        Process compiler;
        try
        {
            compiler = Process.Start(
                new ProcessStartInfo(
                    "cc",
                    ["-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"]
                )
                {
                    RedirectStandardError = true,
                }
            )!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException(
                "No C compiler is installed: 'cc' is not on the PATH. Install one: apt-get install gcc libc6-dev (Debian).",
                e
            );
        }
        using (compiler)
        {
            var said = await compiler.StandardError.ReadToEndAsync().WaitAsync(Deadline);
            await compiler.WaitForExitAsync().WaitAsync(Deadline);
            return compiler.ExitCode == 0
                ? library
                : throw new InvalidOperationException("cc failed: " + said);
        }
    }
}
