using System.ComponentModel;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>
/// A pipe to a child. Our end is asynchronous, which Windows' anonymous pipes are not: a read of those holds a thread of the
/// pool until the child speaks, and a few silent agents could keep all of them from the renewal of the host's lease.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsPipe : IDisposable
{
    private const int Bytes = 64 * 1024;
    private const uint Read = 0x80000000;
    private const uint Write = 0x40000000;

    // Programs ask their end for its state, and some set it.
    private const uint ReadAttributes = 0x80;
    private const uint WriteAttributes = 0x100;
    private const uint OpenExisting = 3;

    /// <summary>A pipe in one direction; only this process's user may open it, and only once.</summary>
    /// <param name="direction">As we see it.</param>
    /// <exception cref="Win32Exception">Windows refused the child's end.</exception>
    /// <exception cref="IOException">Windows refused ours.</exception>
    public unsafe WindowsPipe(PipeDirection direction)
    {
        var name = "orchestrator-" + Guid.NewGuid().ToString("N");
        Ours = new NamedPipeServerStream(
            name,
            direction,
            maxNumberOfServerInstances: 1,
            PipeTransmissionMode.Byte,
            PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly | PipeOptions.FirstPipeInstance,
            Bytes,
            Bytes
        );
        SecurityAttributes inherited = default;
        inherited.Length = sizeof(SecurityAttributes);
        inherited.Inherit = 1;
        Theirs = CreateFileW(
            @"\\.\pipe\" + name,
            direction == PipeDirection.Out ? Read | WriteAttributes : Write | ReadAttributes,
            0,
            &inherited,
            OpenExisting,
            0,
            0
        );
        if (Theirs.IsInvalid)
        {
            var problem = new Win32Exception();
            Dispose();
            throw problem;
        }
        Ours.WaitForConnection(); // the end just opened: it does not wait
    }

    /// <summary>Our end.</summary>
    public NamedPipeServerStream Ours { get; }

    /// <summary>The child's end, for it to inherit. Disposed once it has: while it is open here, the end of its output never arrives.</summary>
    public SafeFileHandle Theirs { get; }

    /// <inheritdoc />
    public void Dispose()
    {
        Ours.Dispose();
        Theirs.Dispose();
    }

#pragma warning disable CS0649, IDE0044, IDE0051, CA1823, CS0169 // layout of the system
    [StructLayout(LayoutKind.Sequential)]
    private struct SecurityAttributes
    {
        public int Length;
        private nint descriptor;
        public int Inherit;
    }
#pragma warning restore CS0649, IDE0044, IDE0051, CA1823, CS0169

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static unsafe partial SafeFileHandle CreateFileW(
        string path,
        uint access,
        uint share,
        SecurityAttributes* security,
        uint disposition,
        uint flags,
        nint template
    );
}
