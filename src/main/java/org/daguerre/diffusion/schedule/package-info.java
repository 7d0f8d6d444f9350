/**
 * One file per noise schedule, and their list {@link org.daguerre.diffusion.schedule.Schedules}: which noise levels a
 * run visits. docs/adding.md shows how to add one.
 */
package org.daguerre.diffusion.schedule;
