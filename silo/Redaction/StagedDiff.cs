using System.Diagnostics;
using System.Text;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Redaction;

/// <summary>What a commit in the current folder would change.</summary>
internal static class StagedDiff
{
    // Git's own environment stays: in a hook it names the index of the commit that is about to be made.
    private static readonly string[] Arguments =
    [
        "diff",
        "--cached",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        // Whatever an attributes file calls binary.
        "--text",
        "--no-relative",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--diff-algorithm=default",
        "--submodule=short",
        "-M",
        "-U3",
    ];

    /// <summary>The patch.</summary>
    /// <exception cref="IOException">There is no git, or it says no; in its words.</exception>
    public static byte[] Take()
    {
        string program;
        try
        {
            program = GitCli.Find();
        }
        catch (GitException e)
        {
            throw new IOException(e.Message);
        }
        using var git = Process.Start(
            new ProcessStartInfo(program, Arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardErrorEncoding = Encoding.UTF8,
            }
        )!;
        var said = git.StandardError.ReadToEndAsync();
        using var patch = new MemoryStream();
        git.StandardOutput.BaseStream.CopyTo(patch);
        git.WaitForExit();
        return git.ExitCode == 0
            ? patch.ToArray()
            : throw new IOException(
                "git diff --cached: " + said.GetAwaiter().GetResult().Trim().Split('\n')[0]
            );
    }
}
