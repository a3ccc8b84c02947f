using System.ComponentModel;
using System.Runtime.Versioning;
using Orchestrator.Decisions.Runners;
using Orchestrator.Silo.Runners.Processes;

namespace Orchestrator.Silo.Runners.Sandbox;

/// <summary>
/// Whether this Windows holds what <c>windows-restricted</c> promises: a child that runs with it writes into a folder that was
/// marked for it, and not beside.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class WindowsTrial
{
    private static readonly TimeSpan TrialMax = TimeSpan.FromSeconds(20);

    /// <summary>Tries it: why it does not hold; empty = it does.</summary>
    /// <param name="terms">The limits of a run.</param>
    /// <param name="temporary">Full path of a folder of the silo's own; what the trial makes there is removed.</param>
    public static string Run(SandboxTerms terms, string temporary)
    {
        var name = Guid.NewGuid().ToString("N")[..12];
        var (inside, beside) = (
            Path.Combine(temporary, "trial-" + name),
            Path.Combine(temporary, "beside-" + name)
        );
        try
        {
            RunFolders.Private(temporary);
            Directory.CreateDirectory(inside);
            using var job = new WindowsJob(terms);
            var order = new ProcessOrder(
                Path.Combine(Environment.SystemDirectory, "cmd.exe"),
                [],
                inside,
                new Dictionary<string, string>(),
                name,
                $"/d /c echo.>within&echo.>..\\beside-{name}"
            )
            {
                Enclosure = new Enclosure([], terms, [inside], []),
            };
            using var child = job.Start(
                order,
                new Dictionary<string, string>
                {
                    ["SystemRoot"] = Environment.GetFolderPath(Environment.SpecialFolder.Windows),
                }
            );
            child.Input.Close();
            if (!child.WaitAsync().Wait(TrialMax))
            {
                return "its trial did not end in 20 seconds";
            }
            return !File.Exists(Path.Combine(inside, "within"))
                    ? "its trial could not write into a folder that was marked for it"
                : File.Exists(beside)
                    ? "its trial wrote beside the folder that was marked for it: this Windows does not hold low integrity there"
                : "";
        }
        catch (Exception e)
            when (e
                    is Win32Exception
                        or AggregateException
                        or IOException
                        or UnauthorizedAccessException
            )
        {
            return e.GetBaseException().Message.TrimEnd('.');
        }
        finally
        {
            Remove(inside, beside);
        }
    }

    // What an indexer holds for a moment is removed with the other temporary files of the next start.
    private static void Remove(string inside, string beside)
    {
        try
        {
            File.Delete(beside);
            Directory.Delete(inside, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See above.
        }
    }
}
