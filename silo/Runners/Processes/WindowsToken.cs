using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Orchestrator.Silo.Runners.Processes;

/// <summary>
/// The silo's own token without its privileges and its administrators' rights, at low integrity: whoever runs with it
/// writes only where a folder is marked low. What it may read is not narrowed.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed unsafe partial class WindowsToken : IDisposable
{
    private const uint DuplicateQueryAssignAdjust = 0x2 | 0x8 | 0x1 | 0x80;
    private const uint DisableMaxPrivilege = 0x1;
    private const uint LimitedUser = 0x4;
    private const int IntegrityLevel = 25;
    private const uint GroupIntegrity = 0x20;
    private const int FileObject = 1;
    private const uint Label = 0x10;
    private const string LowSid = "S-1-16-4096";

    // A mandatory label: no writing up, inherited by folders and files.
    private const string LowFolder = "S:(ML;OICI;NW;;;LW)";

    private nint token;

    /// <exception cref="Win32Exception">Windows refused.</exception>
    public WindowsToken()
    {
        nint own = 0;
        try
        {
            Must(OpenProcessToken(GetCurrentProcess(), DuplicateQueryAssignAdjust, out own));
            Must(
                CreateRestrictedToken(
                    own,
                    DisableMaxPrivilege | LimitedUser,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    out token
                )
            );
            Lower();
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            if (own != 0)
            {
                _ = CloseHandle(own);
            }
        }
    }

    /// <summary>The token.</summary>
    public nint Handle => token;

    /// <summary>Lets whoever runs at low integrity write in a folder and all below it.</summary>
    /// <exception cref="Win32Exception">Windows refused.</exception>
    public static void Open(string folder)
    {
        Must(ConvertStringSecurityDescriptorToSecurityDescriptorW(LowFolder, 1, out var own, 0));
        try
        {
            Must(GetSecurityDescriptorSacl(own, out _, out var list, out _));
            var problem = SetNamedSecurityInfoW(folder, FileObject, Label, 0, 0, 0, list);
            if (problem != 0)
            {
                throw new Win32Exception(problem);
            }
        }
        finally
        {
            _ = LocalFree(own);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (token != 0)
        {
            _ = CloseHandle(token);
        }
        token = 0;
    }

    private void Lower()
    {
        Must(ConvertStringSidToSidW(LowSid, out var sid));
        try
        {
            MandatoryLabel label;
            label.Sid = sid;
            label.Attributes = GroupIntegrity;
            Must(SetTokenInformation(token, IntegrityLevel, &label, sizeof(MandatoryLabel)));
        }
        finally
        {
            _ = LocalFree(sid);
        }
    }

    private static void Must(int done)
    {
        if (done == 0)
        {
            throw new Win32Exception();
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MandatoryLabel
    {
        public nint Sid;
        public uint Attributes;
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32")]
    private static partial nint GetCurrentProcess();

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32")]
    private static partial int CloseHandle(nint handle);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("kernel32")]
    private static partial nint LocalFree(nint memory);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true)]
    private static partial int OpenProcessToken(nint process, uint access, out nint token);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true)]
    private static partial int CreateRestrictedToken(
        nint existing,
        uint flags,
        uint disabledCount,
        nint disabled,
        uint deletedCount,
        nint deleted,
        uint restrictedCount,
        nint restricted,
        out nint token
    );

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true)]
    private static partial int SetTokenInformation(nint token, int kind, void* data, int length);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial int ConvertStringSidToSidW(string text, out nint sid);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    private static partial int ConvertStringSecurityDescriptorToSecurityDescriptorW(
        string text,
        uint revision,
        out nint descriptor,
        nint size
    );

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true)]
    private static partial int GetSecurityDescriptorSacl(
        nint descriptor,
        out int present,
        out nint list,
        out int defaulted
    );

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", StringMarshalling = StringMarshalling.Utf16)]
    private static partial int SetNamedSecurityInfoW(
        string name,
        int kind,
        uint what,
        nint owner,
        nint group,
        nint access,
        nint audit
    );

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("advapi32", SetLastError = true)]
    internal static partial int CreateProcessAsUserW(
        nint token,
        char* program,
        char* line,
        nint processSecurity,
        nint threadSecurity,
        int inherit,
        uint flags,
        void* environment,
        char* folder,
        void* startup,
        void* information
    );
}
