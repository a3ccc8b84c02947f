using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>A started child: its handle and the product's ends of its pipes.</summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsChild : IDisposable
{
    private readonly ManualResetEvent exited;

    public WindowsChild(nint process, int pid, Stream input, Stream output, Stream error)
    {
        exited = new ManualResetEvent(false);
        exited.SafeWaitHandle.Dispose();
        exited.SafeWaitHandle = new SafeWaitHandle(process, ownsHandle: true);
        Pid = pid;
        Input = input;
        Output = output;
        Error = error;
    }

    public int Pid { get; }

    public Stream Input { get; }

    public Stream Output { get; }

    public Stream Error { get; }

    /// <summary>Waits for its end; its exit code.</summary>
    public async Task<int> WaitAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wait = ThreadPool.RegisterWaitForSingleObject(
            exited,
            (_, _) => done.TrySetResult(),
            null,
            Timeout.Infinite,
            executeOnlyOnce: true
        );
        try
        {
            await done.Task;
        }
        finally
        {
            wait.Unregister(null);
        }
        return GetExitCodeProcess(exited.SafeWaitHandle, out var code) != 0
            ? unchecked((int)code)
            : throw new Win32Exception();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Input.Dispose();
        Output.Dispose();
        Error.Dispose();
        exited.Dispose();
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true)]
    private static partial int GetExitCodeProcess(SafeWaitHandle process, out uint code);
}
