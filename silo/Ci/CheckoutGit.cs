using System.Diagnostics;
using System.Text;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Ci;

/// <summary>
/// Git in somebody's checkout, which keeps its own settings and environment. Only commands that write nothing are for it; an
/// attributes file of the change decides nothing, because every command that shows content says so itself.
/// </summary>
/// <param name="folder">A folder of the checkout.</param>
internal sealed class CheckoutGit(string folder)
{
    private const int OutputMax = 256 * 1024 * 1024;
    private readonly string program = GitCli.Find();

    /// <summary>Its stdout; null when it says no.</summary>
    /// <exception cref="GitException">Its output is larger than 256 MiB.</exception>
    public byte[]? Try(params IReadOnlyList<string> arguments)
    {
        // Containers of CI systems check out as another user; nothing of the repository is executed.
        var info = new ProcessStartInfo(
            program,
            [
                "-c",
                "safe.directory=*",
                "-c",
                "core.quotePath=false",
                "-c",
                "core.fsmonitor=false",
                .. arguments,
            ]
        )
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        info.Environment["GIT_TERMINAL_PROMPT"] = "0";
        info.Environment["GIT_NO_REPLACE_OBJECTS"] = "1";
        info.Environment["LC_ALL"] = "C";
        using var git = Process.Start(info)!;
        git.StandardInput.Close();
        var said = git.StandardError.ReadToEndAsync();
        using var output = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (git.StandardOutput.BaseStream.Read(buffer) is > 0 and var read)
        {
            output.Write(buffer, 0, read);
            if (output.Length > OutputMax)
            {
                git.Kill();
                throw new GitException(
                    $"git {arguments[0]} tells more than {OutputMax / 1024 / 1024} MiB: the change is too large to be judged. Split it."
                );
            }
        }
        git.WaitForExit();
        said.GetAwaiter().GetResult();
        return git.ExitCode == 0 ? output.ToArray() : null;
    }

    /// <summary>Its stdout as one trimmed text; empty when it says no.</summary>
    public string Text(params IReadOnlyList<string> arguments) =>
        Try(arguments) is { } output ? Encoding.UTF8.GetString(output).Trim() : "";

    /// <summary>Its stdout.</summary>
    /// <exception cref="GitException">It says no.</exception>
    public byte[] Must(params IReadOnlyList<string> arguments) =>
        Try(arguments)
        ?? throw new GitException($"git {arguments[0]} failed: the checkout is not whole.");

    /// <summary>Full hash of a commit; empty when it is not there, or is no name of one.</summary>
    public string Commit(string name) =>
        name.StartsWith('-')
            ? ""
            : Text("rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}");
}
