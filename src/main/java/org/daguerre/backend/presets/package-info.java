/** What JavaCPP reads at build time; nothing uses it at run time. Compiled before everything else. */
package org.daguerre.backend.presets;
